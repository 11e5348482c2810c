-- Work that outlives the request that asked for it. What was asked, how far it is and what came of
-- it are sealed under the tenant's own key; in clear stand who, what kind, when and how many.
create table records.job (
  id uuid not null,
  owner uuid not null,           -- the account or client that asked
  created_at timestamptz not null,
  expires_at timestamptz not null,
  lease_until timestamptz,       -- while it runs; past: its process is gone, another takes it up
  holder uuid,                   -- the running process, as it calls itself
  tenant int4 not null,
  attempts int2 not null default 0,
  kind text not null,
  state text not null,           -- waiting, running, done, failed, cancelled (job.ts)
  progress text not null default '',
  asked bytea not null,
  kept bytea,
  result bytea,
  primary key (tenant, id)
);

alter table records.job enable row level security;
alter table records.job force row level security;

create policy tenant on records.job
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

revoke truncate on records.job from current_user;

-- Whose jobs a process looks at next, so that an idle one asks one small table and not each tenant.
create table records.job_due (
  tenant int4 primary key,
  at timestamptz not null
);
comment on table records.job_due is
  'not tenant-bound: when somebody must look at the jobs of which tenant, and nothing more';
