-- Records of every tenant. Narrow rows: tenant is a number, names are keyed 64-bit hashes, and
-- every column an index is asked by has a leak-proof operator, so that row-level security costs
-- nothing.

-- Handed out to each process in blocks of 256 (row-number.ts).
create sequence records.row_number increment 256;

-- One row per record, holding its current version.
create table records.resource (
  row int8 not null,
  self int8 not null,            -- blind hash of Type/id
  subject int8 not null,         -- blind hash of the patient whose key seals it; 0: nobody's
  present int8 not null,         -- bit n: search parameter n of its type has a value
  updated_at timestamptz not null,
  tenant int4 not null,
  version int4 not null,
  type int2 not null,
  method int2 not null,          -- what made this version: 1 POST, 2 PUT, 3 PATCH, 4 DELETE
  deleted boolean not null,
  id text not null,
  sealed bytea not null
);
alter table records.resource alter column sealed set storage external;
create unique index resource_self on records.resource (self);
-- Whoever looks for a record by its row knows its type: one index serves that and walks of a type.
create unique index resource_type on records.resource (type, row);
create index resource_updated on records.resource (type, updated_at, row);

-- Superseded versions only.
create table records.version (
  row int8 not null,
  subject int8 not null,         -- as it was then: its key seals this version
  updated_at timestamptz not null,
  tenant int4 not null,
  version int4 not null,
  type int2 not null,
  method int2 not null,
  deleted boolean not null,
  sealed bytea not null,
  primary key (row, version)
);
alter table records.version alter column sealed set storage external;
create index version_updated on records.version (type, updated_at, row);

-- Tokens, strings (whole and by prefix) and uris: hash = parameter number (16 bits) and 48 bits of
-- HMAC over the value; system = 32 bits of HMAC over the token's system, 0 without one.
create table records.token (
  hash int8 not null,
  row int8 not null,
  system int4 not null,
  tenant int4 not null
);
create index token_find on records.token (hash, row);

create table records.reference (
  target int8 not null,          -- the target's `self`, or the hash of an absolute url
  row int8 not null,
  param int4 not null,
  tenant int4 not null
);
create index reference_find on records.reference (target, row);

-- Dates: key = parameter number in the upper 16 bits, for composites the token's hash below.
create table records.period (
  key int8 not null,
  low timestamptz not null,
  high timestamptz not null,
  row int8 not null,
  tenant int4 not null
);
create index period_find on records.period (key, low, row);
-- Dates of records found by something else (a patient's, a code's): tested by record.
create index period_row on records.period (row);

-- Numbers and quantities: unit = 32 bits of HMAC over system|code, code = over the code (or unit).
create table records.quantity (
  key int8 not null,
  low float8 not null,
  high float8 not null,
  row int8 not null,
  tenant int4 not null,
  unit int4 not null,
  code int4 not null
);
create index quantity_find on records.quantity (key, low, row);
create index quantity_row on records.quantity (row);

alter table records.resource enable row level security;
alter table records.resource force row level security;
alter table records.version enable row level security;
alter table records.version force row level security;
alter table records.token enable row level security;
alter table records.token force row level security;
alter table records.reference enable row level security;
alter table records.reference force row level security;
alter table records.period enable row level security;
alter table records.period force row level security;
alter table records.quantity enable row level security;
alter table records.quantity force row level security;

create policy tenant on records.resource
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.version
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.token
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.reference
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.period
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.quantity
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- Row-level security does not bind TRUNCATE, and nobody here needs it.
revoke truncate on records.resource, records.version, records.token, records.reference,
  records.period, records.quantity from current_user;
