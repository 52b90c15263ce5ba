import type { Database } from '@steptrail/core'

/** What a superuser does who wants to change what is on record: with every trigger silenced, then as if nothing was. */
export async function tamper(
  database: Database,
  statements: readonly (string | readonly [text: string, values: readonly unknown[]])[],
): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relnamespace = current_schema()::regnamespace
         and relkind in ('r', 'p')
         and exists (select from pg_trigger where tgrelid = pg_class.oid and not tgisinternal)`,
    )
    for (const { name } of rows) await tx(`alter table ${name} disable trigger all`)
    for (const statement of statements)
      await (typeof statement === 'string' ? tx(statement) : tx(...statement))
    for (const { name } of rows) await tx(`alter table ${name} enable trigger all`)
  })
}
