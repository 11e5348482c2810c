-- Where a record points to, asked from the record: chains and _has that begin at few records.
create index reference_row on records.reference (row);

-- A code implies its system, and a hash its tenant: without knowing, the planner multiplies.
create statistics records.token_meaning (dependencies) on hash, system, tenant from records.token;
create statistics records.reference_meaning (dependencies)
  on target, param, tenant from records.reference;
create statistics records.quantity_meaning (dependencies)
  on key, unit, code, tenant from records.quantity;

-- Dates have keys by how long they are (span-key.ts), so that "from that day on" is a range of
-- `low`: bits 0 and 1 of a key outside composites say 0 up to a day, 1 up to a year, 2 longer.
-- Quantities: 0 one number, 1 a range.
alter table records.period no force row level security;
update records.period set key = key | case
    when isfinite(low) and isfinite(high) and high - low < interval '366 days' then 1 else 2 end
  where key & 281474976710655 = 0
    and not (isfinite(low) and isfinite(high) and high - low < interval '1 day');
alter table records.period force row level security;
alter table records.quantity no force row level security;
update records.quantity set key = key | 1 where key & 281474976710655 = 0 and low <> high;
alter table records.quantity force row level security;
