-- What `medconnect load` has stored, written in the transaction that stored it: an interrupted load
-- goes on without storing anything twice, and so does a second load of the same file.
create table records.loaded (
  key bytea not null,            -- 16 bytes of HMAC over the text, under the tenant's own key
  tenant int4 not null,
  loaded_at timestamptz not null default now(),
  primary key (tenant, key)
);

alter table records.loaded enable row level security;
alter table records.loaded force row level security;

create policy tenant on records.loaded
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
