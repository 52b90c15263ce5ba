import type { Query } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/**
 * Makes sure that who verifies sees every row: what row-level security hides would look as if it was gone. Throws
 * `insufficient_privilege`.
 */
export async function requireSight(query: Query): Promise<void> {
  const { rows } = await query<{ role: string; is_bound: boolean }>(selectSight)
  const [sight] = rows
  if (!sight?.is_bound) return
  throw new TrailError(
    'insufficient_privilege',
    `${sight.role} sees the events of one tenant at most, and only who sees all of them can verify that none is gone: verify as a member of steptrail_sealer, or give the tenant an evidence pack`,
    { details: { role: sight.role } },
  )
}

const selectSight = `
select current_user::text as role,
       row_security_active('audit_event')
       and not exists (
         select from unnest(array['steptrail_writer', 'steptrail_sealer', 'steptrail_admin']) as seeing(role)
         where to_regrole(seeing.role) is not null
           and pg_has_role(to_regrole(seeing.role), 'usage')
       ) as is_bound`
