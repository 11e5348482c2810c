import type pg from 'pg';

/** What a table of ours does against the rule of tenants; `says` never holds a row's value. */
export type TableFault = { readonly table: string; readonly says: string };

type Relation = {
  table: string;
  kind: string;
  comment: string | null;
  tenant: string | null;
  enabled: boolean;
  forced: boolean;
  policies: Policy[] | null;
};
type Policy = {
  name: string;
  command: string;
  permissive: boolean;
  everyone: boolean;
  using: string | null;
  check: string | null;
};

/** As PostgreSQL writes the house's only form back. */
const policyForm = "(tenant = (current_setting('app.tenant'::text))::integer)";
const exemption = /^not tenant-bound: \S.{9,}/s;

/** Every relation of every schema that is not PostgreSQL's own. */
const relations = `
  select format('%s.%s', n.nspname, c.relname) as table, c.relkind as kind,
         obj_description(c.oid, 'pg_class') as comment,
         (select format('%s%s', format_type(a.atttypid, a.atttypmod),
                        case when a.attnotnull then '' else ' null' end)
            from pg_attribute a
           where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped) as tenant,
         c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
         (select json_agg(json_build_object(
              'name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
              'everyone', p.polroles = '{0}', 'using', pg_get_expr(p.polqual, p.polrelid),
              'check', pg_get_expr(p.polwithcheck, p.polrelid)))
            from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'f', 'v', 'm')
     and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   order by 1`;

/** The tables whose rows belong to a tenant: those that do not say they are exempt. */
export async function tenantTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<Relation>(relations);
  return rows.filter(({ comment }) => !exemption.test(comment ?? '')).map(({ table }) => table);
}

/** Every table that neither is bound to a tenant as the house does it nor says why not. */
export async function tenantFaults(client: pg.ClientBase): Promise<TableFault[]> {
  const { rows } = await client.query<Relation>(relations);
  if (rows.length === 0) return [{ table: '*', says: 'no table seen' }];
  return rows.flatMap((row) => faultsOf(row).map((says) => ({ table: row.table, says })));
}

function faultsOf(row: Relation): string[] {
  if (row.kind === 'v' || row.kind === 'm') return ["a view reads with its owner's rights"];
  if (row.comment?.startsWith('not tenant-bound') === true) {
    const reasoned = exemption.test(row.comment) ? [] : ['its comment gives no reason'];
    return row.tenant !== null && row.enabled ? ['says not tenant-bound and is bound'] : reasoned;
  }
  if (row.tenant === null) {
    return ["has no column tenant; if that is meant, comment 'not tenant-bound: why'"];
  }
  return [
    ...(row.tenant === 'integer' ? [] : [`tenant is ${row.tenant}, not int4 not null`]),
    ...(row.enabled ? [] : ['row-level security is not enabled']),
    ...(row.forced ? [] : ['row-level security is not forced: its owner passes']),
    ...policyFaults(row.policies ?? []),
  ];
}

function policyFaults(policies: readonly Policy[]): string[] {
  const [policy, ...more] = policies;
  if (policy === undefined) return ['has no policy'];
  // Permissive policies are joined by "or": one more can only open a door.
  if (more.length > 0) return [`has ${policies.length} policies`];
  const { name, command, permissive, everyone } = policy;
  const whole = name === 'tenant' && command === '*' && permissive && everyone;
  return [
    ...(whole ? [] : [`policy ${name} is not the one for all commands and roles`]),
    ...(policy.using === policyForm ? [] : ["its 'using' is not the house's form"]),
    ...(policy.check === policyForm ? [] : ["its 'with check' is not the house's form"]),
  ];
}

/**
 * Operators an index is asked by that PostgreSQL does not know to be leak-proof: under row-level
 * security it would read whole tables rather than use that index. Of text only equality is.
 */
export async function leakyOperators(client: pg.ClientBase, schema: string): Promise<TableFault[]> {
  const { rows } = await client.query<{ table: string; says: string }>(
    `select distinct format('%s.%s', n.nspname, i.relname) as table,
            format('%s of %s is not leak-proof', o.oid::regoperator, oc.opcname) as says
       from pg_index x
       join pg_class i on i.oid = x.indexrelid
       join pg_namespace n on n.oid = i.relnamespace
       cross join lateral unnest(x.indclass::oid[]) as used (opclass)
       join pg_opclass oc on oc.oid = used.opclass
       join pg_amop m on m.amopfamily = oc.opcfamily
        and m.amoplefttype = oc.opcintype and m.amoprighttype = oc.opcintype
       join pg_operator o on o.oid = m.amopopr
       join pg_proc p on p.oid = o.oprcode
      where n.nspname = $1 and not p.proleakproof
        and not (oc.opcintype = 'text'::regtype and o.oprname <> '=')
      order by 1, 2`,
    [schema],
  );
  return rows;
}

/** Indexes seen, so that a check of none is not taken for a clean one. */
export async function indexCount(client: pg.ClientBase, schema: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int4 as count from pg_indexes where schemaname = $1',
    [schema],
  );
  return rows[0]?.count ?? 0;
}

/** Functions that run with their owner's rights: a way around every policy. */
export async function definerFunctions(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%s.%s', n.nspname, p.proname) as name
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
  );
  return rows.map(({ name }) => name);
}
