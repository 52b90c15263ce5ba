import type { Command } from 'commander'
import type { CommonFlags } from '../command-scope.ts'

/** Flags that say whose catalogue is meant. */
export interface TenantFlags extends CommonFlags {
  readonly tenant: string
}

/** Adds the option that says whose catalogue is meant. */
export const withTenant = (command: Command): Command =>
  command.option('--tenant <name>', 'whose catalogue', 'default')
