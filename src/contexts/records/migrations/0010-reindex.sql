-- Index rows of stored records that have still to be written: `what` 0 all of them, after the
-- program learned new ones; else the keyed hash of a tenant's own search parameter. Records are
-- gone through by rising row number.
create table records.reindex (
  tenant int4 not null,
  type int2 not null,
  what int8 not null,
  reached int8 not null default 0,
  done int8 not null default 0,  -- records so far
  begins_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, type, what)
);

alter table records.resource no force row level security;
insert into records.reindex (tenant, type, what, begins_at)
  select distinct tenant, type, 0, now() from records.resource where not deleted;
alter table records.resource force row level security;

alter table records.reindex enable row level security;
alter table records.reindex force row level security;

create policy tenant on records.reindex
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

revoke truncate on records.reindex from current_user;
