-- What the migrations make, for review. Written by:
-- UPDATE_SNAPSHOT=1 npm test -- test/schema-snapshot.test.ts

table audit.actor
  tenant integer not null
  id bigint not null
  user_id uuid
  kind text not null
  roles text not null
  purpose text not null
  sealed bytea not null
  commitment bytea not null
  PRIMARY KEY (tenant, id)
  INDEX actor_user ON audit.actor USING btree (tenant, user_id)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may INSERT, REFERENCES, SELECT, TRIGGER

table audit.batch
  tenant integer not null
  first_seq bigint not null
  last_seq bigint not null
  last_xid bigint not null
  last_nth integer not null
  at timestamp with time zone not null default now()
  events bytea not null
  leaves bytea not null storage e
  chain bytea not null
  PRIMARY KEY (tenant, first_seq)
  UNIQUE INDEX batch_last ON audit.batch USING btree (tenant, last_xid, last_nth)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may INSERT, REFERENCES, SELECT, TRIGGER

table audit.checkpoint
  tenant integer not null
  size bigint not null
  at timestamp with time zone not null default now()
  root bytea not null
  frontier bytea not null
  note text not null
  PRIMARY KEY (tenant, size)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may INSERT, REFERENCES, SELECT, TRIGGER

table audit.cluster
  -- not tenant-bound: one row per PostgreSQL cluster
  system bigint not null
  floor bigint not null
  UNIQUE (floor)
  PRIMARY KEY (system)
  row-level security off
  medconnect may INSERT, REFERENCES, SELECT, TRIGGER

table audit.event
  xid bigint not null
  at timestamp with time zone not null default now()
  actor bigint not null
  subject bigint not null
  tenant integer not null
  nth integer not null
  version integer not null
  resource_hash integer not null
  type smallint not null
  deed smallint not null
  resource_type smallint not null
  groups smallint not null
  resource_id bytea not null
  patient_id bytea not null
  commitment bytea not null
  correlation bytea not null
  because text not null
  note text not null
  PRIMARY KEY (tenant, xid, nth)
  INDEX event_actor ON audit.event USING btree (tenant, actor)
  INDEX event_at ON audit.event USING brin (at) WITH (pages_per_range='32')
  INDEX event_patient ON audit.event USING btree (tenant, patient_id)
  INDEX event_resource ON audit.event USING btree (tenant, resource_hash)
  INDEX event_type ON audit.event USING btree (tenant, type, resource_type)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may INSERT, REFERENCES, SELECT, TRIGGER
  medconnect may UPDATE (patient_id, resource_hash, resource_id)

table identity.account
  tenant integer not null
  id uuid not null
  email bytea not null
  name bytea
  password_hash text not null
  roles text[] not null
  patient text
  created_at timestamp with time zone not null
  disabled_at timestamp with time zone
  PRIMARY KEY (tenant, id)
  FOREIGN KEY (tenant) REFERENCES identity.tenant(number)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.attempt
  -- not tenant-bound: keyed hashes and counters only
  source bytea not null
  failures integer not null
  last_at timestamp with time zone not null
  not_before timestamp with time zone not null
  PRIMARY KEY (source)
  INDEX attempt_last ON identity.attempt USING btree (last_at)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.client
  tenant integer not null
  id uuid not null
  client_id text not null
  secret_hash text not null
  roles text[] not null
  created_at timestamp with time zone not null
  disabled_at timestamp with time zone
  PRIMARY KEY (tenant, id)
  FOREIGN KEY (tenant) REFERENCES identity.tenant(number)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.directory
  -- not tenant-bound: finds the tenant; keyed hashes only
  name_hash bytea not null
  kind text not null
  tenant integer not null
  id uuid not null
  CHECK ((kind = ANY (ARRAY['account'::text, 'client'::text])))
  PRIMARY KEY (name_hash)
  FOREIGN KEY (tenant) REFERENCES identity.tenant(number)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.installation
  -- not tenant-bound: one row per installation
  only_one boolean not null default true
  key_proof bytea not null
  CHECK (only_one)
  PRIMARY KEY (only_one)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.refresh_token
  tenant integer not null
  token_hash bytea not null
  session uuid not null
  generation integer not null
  expires_at timestamp with time zone not null
  used_at timestamp with time zone
  used_by bytea
  PRIMARY KEY (tenant, token_hash)
  FOREIGN KEY (tenant, session) REFERENCES identity.session(tenant, id) ON DELETE CASCADE
  UNIQUE (tenant, session, generation)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.role
  -- not tenant-bound: the roles every tenant knows
  name text not null
  title text not null
  permissions text[] not null
  PRIMARY KEY (name)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.session
  tenant integer not null
  id uuid not null
  account uuid
  client uuid
  device_hash bytea
  created_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  revoked_at timestamp with time zone
  revoked_because text
  CHECK ((num_nonnulls(account, client) = 1))
  PRIMARY KEY (tenant, id)
  FOREIGN KEY (tenant, account) REFERENCES identity.account(tenant, id)
  FOREIGN KEY (tenant, client) REFERENCES identity.client(tenant, id)
  INDEX session_expiry ON identity.session USING btree (tenant, expires_at)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table identity.tenant
  -- not tenant-bound: the list of tenants itself
  number integer not null identity
  id uuid not null
  name text not null
  created_at timestamp with time zone not null
  UNIQUE (id)
  CHECK (((length(name) >= 1) AND (length(name) <= 200)))
  UNIQUE (name)
  CHECK ((number > 0))
  PRIMARY KEY (number)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table phi.key_proof
  -- not tenant-bound: one row per key provider, no secret
  provider text not null
  wrapped bytea not null
  made_at timestamp with time zone not null default now()
  PRIMARY KEY (provider)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table phi.subject_key
  tenant integer not null
  subject bigint not null
  version smallint not null
  wrapped bytea
  destroyed_at timestamp with time zone
  CHECK (((wrapped IS NULL) = (destroyed_at IS NOT NULL)))
  CHECK (((subject <> 0) OR (destroyed_at IS NULL)))
  PRIMARY KEY (tenant, subject)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table phi.tenant_key
  tenant integer not null
  version smallint not null
  provider text not null
  wrapped bytea not null
  made_at timestamp with time zone not null default now()
  PRIMARY KEY (tenant)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table platform.migration
  -- not tenant-bound: what was done to the schemas
  context text not null
  name text not null
  sha256 text not null
  applied_at timestamp with time zone not null default now()
  PRIMARY KEY (context, name)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.change
  xid bigint not null default ((pg_current_xact_id())::text)::bigint
  id bigint not null always identity
  "row" bigint not null
  version integer not null
  type smallint not null
  method smallint not null
  tenant integer not null
  at timestamp with time zone not null
  author_kind text
  author uuid
  purpose text
  CHECK ((author_kind = ANY (ARRAY['user'::text, 'client'::text])))
  PRIMARY KEY (tenant, xid, id)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.count
  tenant integer not null
  type smallint not null
  live bigint not null
  versions bigint not null
  INDEX count_find ON records.count USING btree (tenant, type)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.idempotency
  key bytea not null
  request bytea not null
  answer bytea not null
  tenant integer not null
  made_at timestamp with time zone not null
  PRIMARY KEY (tenant, key)
  INDEX idempotency_made ON records.idempotency USING btree (tenant, made_at)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.job
  id uuid not null
  owner uuid not null
  created_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  lease_until timestamp with time zone
  holder uuid
  tenant integer not null
  attempts smallint not null default 0
  kind text not null
  state text not null
  progress text not null default ''::text
  asked bytea not null
  kept bytea
  result bytea
  PRIMARY KEY (tenant, id)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.job_due
  -- not tenant-bound: when somebody must look at the jobs of which tenant, and nothing more
  tenant integer not null
  at timestamp with time zone not null
  PRIMARY KEY (tenant)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.loaded
  key bytea not null
  tenant integer not null
  loaded_at timestamp with time zone not null default now()
  PRIMARY KEY (tenant, key)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.period
  key bigint not null
  low timestamp with time zone not null
  high timestamp with time zone not null
  "row" bigint not null
  tenant integer not null
  INDEX period_find ON records.period USING btree (key, low, "row")
  INDEX period_row ON records.period USING btree ("row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.quantity
  key bigint not null
  low double precision not null
  high double precision not null
  "row" bigint not null
  tenant integer not null
  unit integer not null
  code integer not null
  INDEX quantity_find ON records.quantity USING btree (key, low, "row")
  INDEX quantity_row ON records.quantity USING btree ("row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.reference
  target bigint not null
  "row" bigint not null
  param integer not null
  tenant integer not null
  INDEX reference_find ON records.reference USING btree (target, "row")
  INDEX reference_row ON records.reference USING btree ("row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.reindex
  tenant integer not null
  type smallint not null
  what bigint not null
  reached bigint not null default 0
  done bigint not null default 0
  begins_at timestamp with time zone not null
  ended_at timestamp with time zone
  PRIMARY KEY (tenant, type, what)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.resource
  "row" bigint not null
  self bigint not null
  subject bigint not null
  present bigint not null
  updated_at timestamp with time zone not null
  tenant integer not null
  version integer not null
  type smallint not null
  method smallint not null
  deleted boolean not null
  id text not null
  sealed bytea not null storage e
  UNIQUE INDEX resource_self ON records.resource USING btree (self)
  UNIQUE INDEX resource_type ON records.resource USING btree (type, "row")
  INDEX resource_updated ON records.resource USING btree (type, updated_at, "row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.subscriber
  -- not tenant-bound: numbers of the tenants that have had a Subscription
  tenant integer not null
  PRIMARY KEY (tenant)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.subscription
  "row" bigint not null
  id text not null
  version integer not null
  type smallint not null
  active boolean not null
  asked integer
  author_kind text not null
  author uuid not null
  purpose text not null
  tenant integer not null
  events bigint not null default 0
  delivered bigint not null default 0
  attempts integer not null default 0
  problem text
  failing_since timestamp with time zone
  last_sent_at timestamp with time zone
  due_at timestamp with time zone not null
  heartbeat integer
  ends_at timestamp with time zone
  PRIMARY KEY (tenant, "row")
  INDEX subscription_asked ON records.subscription USING btree (tenant) WHERE (asked IS NOT NULL)
  INDEX subscription_due ON records.subscription USING btree (tenant, due_at) WHERE active
  INDEX subscription_type ON records.subscription USING btree (tenant, type) WHERE active
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.subscription_event
  subscription bigint not null
  number bigint not null
  "row" bigint not null
  version integer not null
  type smallint not null
  method smallint not null
  tenant integer not null
  at timestamp with time zone not null
  PRIMARY KEY (tenant, subscription, number)
  INDEX subscription_event_at ON records.subscription_event USING btree (tenant, at)
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table records.token
  hash bigint not null
  "row" bigint not null
  system integer not null
  tenant integer not null
  INDEX token_find ON records.token USING btree (hash, "row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table records.version
  "row" bigint not null
  subject bigint not null
  updated_at timestamp with time zone not null
  tenant integer not null
  version integer not null
  type smallint not null
  method smallint not null
  deleted boolean not null
  sealed bytea not null storage e
  PRIMARY KEY ("row", version)
  INDEX version_updated ON records.version USING btree (type, updated_at, "row")
  row-level security enabled, forced
  policy tenant for *
    using (tenant = (current_setting('app.tenant'::text))::integer)
    with check (tenant = (current_setting('app.tenant'::text))::integer)
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, UPDATE

table terminology.edition
  -- not tenant-bound: published code systems, the same for all
  edition integer not null always identity
  system text not null
  header text not null
  bytes bigint not null
  loaded_at timestamp with time zone not null default now()
  PRIMARY KEY (edition)
  UNIQUE (system)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

table terminology.piece
  -- not tenant-bound: published code systems, the same for all
  edition integer not null
  array_name text not null
  number integer not null
  bytes bytea not null storage e
  FOREIGN KEY (edition) REFERENCES terminology.edition(edition) ON DELETE CASCADE
  PRIMARY KEY (edition, array_name, number)
  row-level security off
  medconnect may DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE

sequence identity.tenant_number_seq as integer increment 1

sequence records.change_id_seq as bigint increment 1

sequence records.row_number as bigint increment 256

sequence terminology.edition_edition_seq as integer increment 1
