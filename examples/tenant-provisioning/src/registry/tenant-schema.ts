import { escapeIdentifier } from 'pg'

/** The schema that holds a tenant's own tables. */
export const schemaNameOf = (tenant: string): string => `tenant_${tenant}`

/** A table of a tenant's schema, as SQL names it. */
export const tableOf = (schemaName: string, table: 'role' | 'account' | 'setting'): string =>
  `${escapeIdentifier(schemaName)}.${escapeIdentifier(table)}`
