import type pg from 'pg';

/**
 * The schema as text, table by table: what a change of it is, shows in review. Nothing in it
 * depends on the order of creation, on names PostgreSQL made by itself, or on its version (15 on).
 */
export async function schemaText(client: pg.ClientBase): Promise<string> {
  const tables = await client.query<{ oid: number; heading: string }>(tableQuery);
  const sections: string[] = [];
  for (const { oid, heading } of tables.rows) {
    const { rows } = await client.query<{ line: string }>(memberQuery, [oid]);
    sections.push([heading, ...rows.map(({ line }) => `  ${line}`)].join('\n'));
  }
  const others = await client.query<{ line: string }>(otherQuery);
  sections.push(...others.rows.map(({ line }) => line));
  return `${sections.join('\n\n')}\n`;
}

const isOurs = (schema: string) => `${schema} !~ '^pg_' and ${schema} <> 'information_schema'`;

const tableQuery = `
  select c.oid, format('table %I.%I', n.nspname, c.relname)
         || case when c.relpersistence = 'p' then '' else ' (not durable)' end
         || coalesce(E'\\n  -- ' || obj_description(c.oid, 'pg_class'), '') as heading
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'f', 'v', 'm') and ${isOurs('n.nspname')}
   order by n.nspname, c.relname`;

/** `rank` keeps the order: columns as they stand, then what holds them, then who may. */
const memberQuery = `
  with member (rank, name, line) as (
    select 1, to_char(a.attnum, 'FM0000'),
           format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
           || case when a.attnotnull then ' not null' else '' end
           || case a.attidentity when 'a' then ' always identity'
                when 'd' then ' identity' else '' end
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
           || case when a.attstorage = t.typstorage then '' else ' storage ' || a.attstorage::text end
           || coalesce(' -- ' || col_description(a.attrelid, a.attnum), '')
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
    union all
    select 2, conname, pg_get_constraintdef(oid)
      from pg_constraint where conrelid = $1 and contype <> 'n'
    union all
    select 3, c.relname, regexp_replace(pg_get_indexdef(x.indexrelid), '^CREATE ', '')
      from pg_index x join pg_class c on c.oid = x.indexrelid
     where x.indrelid = $1
       and not exists (select from pg_constraint where conindid = x.indexrelid and contype <> 'f')
    union all
    select 4, '', 'row-level security'
           || case when relrowsecurity then ' enabled' else ' off' end
           || case when relforcerowsecurity then ', forced' else '' end
      from pg_class where oid = $1
    union all
    select 5, polname, format(E'policy %I for %s\\n    using %s\\n    with check %s', polname, polcmd,
           pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      from pg_policy where polrelid = $1
    union all
    select 6, tgname, pg_get_triggerdef(oid) from pg_trigger where tgrelid = $1 and not tgisinternal
    union all
    select 7, grantee::regrole::text, format('%s may %s', grantee::regrole,
           string_agg(privilege_type, ', ' order by privilege_type))
      from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
     where c.oid = $1 and privilege_type <> 'MAINTAIN' group by grantee
    union all
    select 8, grantee::regrole::text, format('%s may %s (%s)', grantee::regrole, privilege_type,
           string_agg(a.attname, ', ' order by a.attname))
      from pg_attribute a, aclexplode(a.attacl)
     where a.attrelid = $1 group by grantee, privilege_type)
  select line from member order by rank, name collate "C"`;

const otherQuery = `
  select line from (
    select format('sequence %I.%I as %s increment %s', schemaname, sequencename, data_type,
           increment_by) as line
      from pg_sequences where ${isOurs('schemaname')}
    union all
    select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where ${isOurs('n.nspname')}) as other
   order by line collate "C"`;
