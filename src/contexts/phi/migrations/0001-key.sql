-- The tenant's secret, wrapped by the key provider (a keyring file, later a KMS).
create table phi.tenant_key (
  tenant int4 primary key,
  version int2 not null,
  provider text not null,
  wrapped bytea not null,
  made_at timestamptz not null default now()
);
alter table phi.tenant_key enable row level security;
alter table phi.tenant_key force row level security;
create policy tenant on phi.tenant_key
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- One data key per subject, wrapped under the tenant's secret: the unit of erasure.
-- Subject 0 is the tenant's own key, for records of nobody.
create table phi.subject_key (
  tenant int4 not null,
  subject int8 not null,
  version int2 not null,
  wrapped bytea,
  destroyed_at timestamptz,
  primary key (tenant, subject),
  check ((wrapped is null) = (destroyed_at is not null)),
  check (subject <> 0 or destroyed_at is null)
);
alter table phi.subject_key enable row level security;
alter table phi.subject_key force row level security;
create policy tenant on phi.subject_key
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- What each key provider must be able to unwrap before the program serves: of no tenant, no secret.
create table phi.key_proof (
  provider text primary key,
  wrapped bytea not null,
  made_at timestamptz not null default now()
);
comment on table phi.key_proof is 'not tenant-bound: one row per key provider, no secret';
