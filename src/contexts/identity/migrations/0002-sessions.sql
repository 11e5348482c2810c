create table identity.session (
  tenant int4 not null,
  id uuid not null,
  account uuid,
  client uuid,
  device_hash bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_because text,
  primary key (tenant, id),
  foreign key (tenant, account) references identity.account (tenant, id),
  foreign key (tenant, client) references identity.client (tenant, id),
  check (num_nonnulls(account, client) = 1)
);
create index session_expiry on identity.session (tenant, expires_at);
alter table identity.session enable row level security;
alter table identity.session force row level security;
create policy tenant on identity.session
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- A chain of generations per session; the successor of a token is computed from it, never stored.
create table identity.refresh_token (
  tenant int4 not null,
  token_hash bytea not null,
  session uuid not null,
  generation int4 not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by bytea,
  primary key (tenant, token_hash),
  unique (tenant, session, generation),
  foreign key (tenant, session) references identity.session (tenant, id) on delete cascade
);
alter table identity.refresh_token enable row level security;
alter table identity.refresh_token force row level security;
create policy tenant on identity.refresh_token
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
