-- Requests that came with an Idempotency-Key and were done: the same key within 24 hours gets the
-- same answer. Written in the transaction of what it answers for.
create table records.idempotency (
  key bytea not null,            -- 16 bytes of HMAC over caller and key, under the tenant's own key
  request bytea not null,        -- 16 bytes of HMAC over method, address and body
  answer bytea not null,         -- status, headers and a body without records; sealed
  tenant int4 not null,
  made_at timestamptz not null,
  primary key (tenant, key)
);
create index idempotency_made on records.idempotency (tenant, made_at);

alter table records.idempotency enable row level security;
alter table records.idempotency force row level security;

create policy tenant on records.idempotency
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

revoke truncate on records.idempotency from current_user;
