import { describe, expect, it } from 'vitest'
import { ParameterSchemas } from './parameter-schema.ts'

const withPod = (pod: Readonly<Record<string, string>>) => ({ type: 'object', properties: { pod } })

describe('a schema of parameters', () => {
  it.each(['https://json-schema.org/draft/2020-12/schema', 'http://json-schema.org/draft-07/schema#'])(
    'takes nothing from others by calling itself %s',
    (id) => {
      const schemas = new ParameterSchemas()
      const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', ...withPod({ type: 'string' }) }
      schemas.problemOf({ $id: id, type: 'object' })
      schemas.problemOf({ ...draft7, $id: id })
      for (const schema of [withPod({ type: 'string' }), draft7]) expect(schemas.problemOf(schema)).toBeNull()
      expect(schemas.problemOf(withPod({ type: 'text' }))).toMatchObject({
        path: ['properties', 'pod', 'type'],
      })
    },
  )

  it('stands alone: an id within one is not known to another, and two may have the same', () => {
    const schemas = new ParameterSchemas()
    const $id = 'https://example.org/pod'
    const [text, number] = [withPod({ $id, type: 'string' }), withPod({ $id, type: 'integer' })]
    expect([schemas.problemOf(text), schemas.problemOf(number)]).toEqual([null, null])
    expect([
      schemas.validator('text', text)({ pod: 'a' }),
      schemas.validator('number', number)({ pod: 1 }),
    ]).toEqual([true, true])
    expect(schemas.validator('number', number)({ pod: 'a' })).toBe(false)
    expect(schemas.problemOf(withPod({ $ref: $id }))).toMatchObject({
      problem: expect.stringContaining($id) as string,
    })
  })

  it('answers at once: one that would answer later would find everything valid', () => {
    const schema = { $async: true, type: 'object', required: ['pod'] }
    expect(new ParameterSchemas().problemOf(schema)).toMatchObject({ path: ['$async'] })
  })
})
