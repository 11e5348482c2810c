-- How many records and versions of a type there are, kept by every write in its own transaction.
-- Writes only insert, so none waits for another; rows are added up into one from time to time
-- (count.ts). The sum of a type's rows is exact at any moment.
create table records.count (
  tenant int4 not null,
  type int2 not null,
  live int8 not null,            -- records made or brought back, less those deleted
  versions int8 not null         -- versions written, deletions included
);
create index count_find on records.count (tenant, type);

alter table records.resource no force row level security;
insert into records.count (tenant, type, live, versions)
  select tenant, type, count(*) filter (where not deleted), sum(version)
    from records.resource group by tenant, type;
alter table records.resource force row level security;

alter table records.count enable row level security;
alter table records.count force row level security;

create policy tenant on records.count
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

revoke truncate on records.count from current_user;
