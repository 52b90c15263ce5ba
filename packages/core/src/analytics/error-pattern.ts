import { type Expression, sql } from 'kysely'

/**
 * An error message without what differs from one occurrence to the next: ids (UUIDs, hexadecimal numbers that begin with
 * `0x`, and runs of twelve or more hexadecimal digits with a digit among them) become `<id>`, numbers `<n>`.
 */
export const errorPattern = (message: Expression<string | null>) => sql<string>`
  regexp_replace(
    regexp_replace(
      regexp_replace(
        ${message},
        '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '<id>', 'gi'
      ),
      '\\m(0x[0-9a-f]+|(?=[0-9a-f]*[0-9])[0-9a-f]{12,})\\M', '<id>', 'gi'
    ),
    '[0-9]+([.,:][0-9]+)*', '<n>', 'g'
  )`
