-- Append-only: the application's own role may not update or delete what it once wrote.

-- Which PostgreSQL clusters this log has lived in. A dump restored elsewhere begins again with low
-- transaction ids; `floor` is added to them, so that (xid, nth) never runs backwards.
create table audit.cluster (
  system int8 primary key,
  floor int8 not null unique
);
comment on table audit.cluster is 'not tenant-bound: one row per PostgreSQL cluster';

-- Who, from where, in which roles and for what purpose: written a few times, not per event. `id` is
-- random; `sealed` holds the personal part too (address, user agent, account tried).
create table audit.actor (
  tenant int4 not null,
  id int8 not null,
  user_id uuid,
  kind text not null,
  roles text not null,
  purpose text not null,
  sealed bytea not null,
  commitment bytea not null,
  primary key (tenant, id)
);
create index actor_user on audit.actor (tenant, user_id);
alter table audit.actor enable row level security;
alter table audit.actor force row level security;
create policy tenant on audit.actor
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- One row per access. `xid` is the writer's transaction, `nth` its order within: together the
-- event's identity. Zero and empty mean none, which spares the null bitmap. Columns stand in order
-- of width. resource_id, patient_id and correlation are packed (17 bytes for a UUID).
create table audit.event (
  xid int8 not null,
  at timestamptz not null default now(),
  actor int8 not null,
  subject int8 not null,
  tenant int4 not null,
  nth int4 not null,
  version int4 not null,
  resource_hash int4 not null,
  type int2 not null,
  deed int2 not null,
  resource_type int2 not null,
  groups int2 not null,
  resource_id bytea not null,
  patient_id bytea not null,
  commitment bytea not null,
  correlation bytea not null,
  because text not null,
  note text not null,
  primary key (tenant, xid, nth)
);
-- Equal keys share one index entry, 6 bytes per further row: four cost less than one wide index.
create index event_resource on audit.event (tenant, resource_hash);
create index event_patient on audit.event (tenant, patient_id);
create index event_actor on audit.event (tenant, actor);
create index event_type on audit.event (tenant, type, resource_type);
-- Rows come in order of time, so a summary per 32 pages finds a period.
create index event_at on audit.event using brin (at) with (pages_per_range = 32);
alter table audit.event enable row level security;
alter table audit.event force row level security;
create policy tenant on audit.event
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- What the sequencer took at once, from sequence number first_seq: 12 bytes of identity and a
-- 32-byte leaf hash per event, and the chain's value after the last.
create table audit.batch (
  tenant int4 not null,
  first_seq int8 not null,
  last_seq int8 not null,
  last_xid int8 not null,
  last_nth int4 not null,
  at timestamptz not null default now(),
  events bytea not null,
  leaves bytea not null,
  chain bytea not null,
  primary key (tenant, first_seq)
);
create unique index batch_last on audit.batch (tenant, last_xid, last_nth);
alter table audit.batch alter column leaves set storage external;
alter table audit.batch enable row level security;
alter table audit.batch force row level security;
create policy tenant on audit.batch
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- The signed heads of the tree; `frontier` lets the next one be proven to extend this one.
create table audit.checkpoint (
  tenant int4 not null,
  size int8 not null,
  at timestamptz not null default now(),
  root bytea not null,
  frontier bytea not null,
  note text not null,
  primary key (tenant, size)
);
alter table audit.checkpoint enable row level security;
alter table audit.checkpoint force row level security;
create policy tenant on audit.checkpoint
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

revoke update, delete, truncate on audit.cluster, audit.actor, audit.event, audit.batch,
  audit.checkpoint from current_user;
-- Erasing a subject clears the ids that stand beside its commitments, and nothing else.
grant update (resource_id, patient_id, resource_hash) on audit.event to current_user;
