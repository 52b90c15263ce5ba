import { quoteIdentifier } from './identifier.ts'

/** What every session of ours is set to. */
export interface ConnectionSettings {
  readonly schema: string
  /** Shown by the server as the application's name, after ours. */
  readonly program: string | undefined
}

/** The search path of every session and of every function that the migrations create. */
export const searchPathOf = (schema: string): string => `${quoteIdentifier(schema)}, pg_temp`

/** The name under which the server lists our connections. */
export const applicationNameOf = (program: string | undefined): string =>
  program === undefined || program === 'steptrail' ? 'steptrail' : `steptrail ${program}`

/** What the statement below answers with. */
export interface SessionState {
  /** `origin` unless somebody set the login to be one of a replica, for which triggers do not run. */
  readonly replication_role: string
}

/** One statement that makes a session speak as our SQL and our type parsers expect it to. */
export const settingsStatement = (settings: ConnectionSettings): { text: string; values: string[] } => ({
  text: `select set_config(name, value, false), current_setting('session_replication_role') as replication_role
    from (values ('search_path', $1), ('application_name', $2), ('TimeZone', 'UTC'),
                 ('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'postgres'),
                 ('default_transaction_isolation', 'read committed'), ('quote_all_identifiers', 'off'),
                 ('extra_float_digits', '1'), ('row_security', 'on'),
                 ('standard_conforming_strings', 'on'), ('array_nulls', 'on')) as setting (name, value)`,
  values: [searchPathOf(settings.schema), applicationNameOf(settings.program)],
})
