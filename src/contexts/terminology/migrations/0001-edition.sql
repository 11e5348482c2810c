-- One edition of each large code system, as the operator loaded it.
create table terminology.edition (
  edition     int4 generated always as identity primary key,
  system      text not null unique,
  -- PackedHeader: version, name, properties and kinds of designations.
  header      text not null,
  bytes       int8 not null,
  loaded_at   timestamptz not null default now()
);
comment on table terminology.edition is
  'not tenant-bound: published code systems, the same for all';

-- Its arrays (PackedArrays), deflated, in pieces.
create table terminology.piece (
  edition     int4 not null references terminology.edition on delete cascade,
  array_name  text not null,
  number      int4 not null,
  bytes       bytea not null,
  primary key (edition, array_name, number)
);
-- They are compressed already.
alter table terminology.piece alter column bytes set storage external;
comment on table terminology.piece is
  'not tenant-bound: published code systems, the same for all';
