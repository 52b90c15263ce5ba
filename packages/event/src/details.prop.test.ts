import { canonicalJson } from '@steptrail/verify'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonObject } from '../test/arbitraries.ts'
import { redactDetails, snapshotDetails } from './details.ts'
import { defaultRedaction } from './redaction.ts'

test('any JSON is copied whole, and the copy is another object', () => {
  fc.assert(
    fc.property(jsonObject, (details) => {
      const { details: copy } = snapshotDetails(details)
      expect(copy).toStrictEqual(details)
      expect(copy).not.toBe(details)
    }),
  )
})

test('what is stored survives JSON', () => {
  fc.assert(
    fc.property(jsonObject, (details) => {
      const stored = redactDetails(snapshotDetails(details), defaultRedaction)
      expect(JSON.parse(JSON.stringify(stored))).toStrictEqual(stored)
    }),
  )
})

test('the estimate of its bytes is never too low, before redaction and after', () => {
  fc.assert(
    fc.property(jsonObject, fc.string(), (details, password) => {
      const snapshot = snapshotDetails({ ...details, pin: 1, password, url: 'a://b:c@d' })
      const stored = redactDetails(snapshot, defaultRedaction)
      for (const version of [snapshot.details, stored])
        expect(new TextEncoder().encode(canonicalJson(version)).length).toBeLessThanOrEqual(
          snapshot.bytesAtMost,
        )
    }),
  )
})
