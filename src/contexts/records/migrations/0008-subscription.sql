-- Subscriptions: what changed, for whom it matters, and how far each has been told. Numbers and
-- instants only; what changed is read, under its rules, when it is told.

-- The outbox: written in the transaction that changes a record whose type somebody watches, taken
-- in the order of transactions (xid, id), removed when taken.
create table records.change (
  xid int8 not null default pg_current_xact_id()::text::int8,
  id int8 generated always as identity,
  row int8 not null,
  version int4 not null,
  type int2 not null,
  method int2 not null,
  tenant int4 not null,
  at timestamptz not null,
  -- Whose Subscription it is; null for changes of other types.
  author_kind text check (author_kind in ('user', 'client')),
  author uuid,
  purpose text,
  primary key (tenant, xid, id)
);

create table records.subscription (
  row int8 not null,             -- of the Subscription's record
  id text not null,              -- its logical id, for logs and links
  version int4 not null,         -- the version that is served; 0: none yet
  type int2 not null,            -- whose changes matter
  active boolean not null,
  -- The version still to be looked at, and whose it is.
  asked int4,
  author_kind text not null,
  author uuid not null,
  purpose text not null,
  tenant int4 not null,
  events int8 not null default 0,     -- so many have happened
  delivered int8 not null default 0,  -- so many were acknowledged
  attempts int4 not null default 0,   -- failed in a row
  problem text,                       -- why the last one failed: a code
  failing_since timestamptz,
  last_sent_at timestamptz,
  due_at timestamptz not null,        -- nothing is sent before
  heartbeat int4,                     -- seconds of silence to break
  ends_at timestamptz,
  primary key (tenant, row)
);
create index subscription_type on records.subscription (tenant, type) where active;
create index subscription_due on records.subscription (tenant, due_at) where active;
create index subscription_asked on records.subscription (tenant) where asked is not null;

create table records.subscription_event (
  subscription int8 not null,
  number int8 not null,
  row int8 not null,
  version int4 not null,
  type int2 not null,
  method int2 not null,
  tenant int4 not null,
  at timestamptz not null,
  primary key (tenant, subscription, number)
);
create index subscription_event_at on records.subscription_event (tenant, at);

alter table records.change enable row level security;
alter table records.change force row level security;
alter table records.subscription enable row level security;
alter table records.subscription force row level security;
alter table records.subscription_event enable row level security;
alter table records.subscription_event force row level security;

create policy tenant on records.change
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.subscription
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);
create policy tenant on records.subscription_event
  using (tenant = current_setting('app.tenant')::int4)
  with check (tenant = current_setting('app.tenant')::int4);

-- Where there is anything to do: one query asks for all tenants.
create table records.subscriber (
  tenant int4 primary key
);
comment on table records.subscriber is
  'not tenant-bound: numbers of the tenants that have had a Subscription';
