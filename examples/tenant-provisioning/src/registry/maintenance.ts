import { setTimeout as pause } from 'node:timers/promises'
import type { Registry } from './registry.ts'

/** What can be locked for maintenance, of which realm. */
export interface MaintenanceArea {
  readonly area: 'client' | 'role'
  readonly realmName: string
}

/** Locks the area for a program such as a backup. The registry refuses new clients of the realm meanwhile. */
export async function beginMaintenance(
  registry: Registry,
  { area, realmName }: MaintenanceArea,
  heldBy: string,
): Promise<void> {
  const text = 'insert into provisioning.maintenance_lock (area, realm_name, held_by) values ($1, $2, $3)'
  await registry.run([{ text, values: [area, realmName, heldBy] }])
}

/** Releases the area. */
export async function endMaintenance(
  registry: Registry,
  { area, realmName }: MaintenanceArea,
): Promise<void> {
  const text = 'delete from provisioning.maintenance_lock where area = $1 and realm_name = $2'
  await registry.run([{ text, values: [area, realmName] }])
}

/** Waits until nobody maintains the area; rejects when the signal aborts. */
export async function maintenanceEnded(
  registry: Registry,
  { area, realmName }: MaintenanceArea,
  signal: AbortSignal,
): Promise<void> {
  const text = 'select from provisioning.maintenance_lock where area = $1 and realm_name = $2'
  while ((await registry.run([{ text, values: [area, realmName] }])).length > 0) {
    await pause(lookAgainMs, undefined, { signal })
  }
}

const lookAgainMs = 50
