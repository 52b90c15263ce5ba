import { describe, expect, it } from 'vitest'
import { readCatalogFile } from './catalog-file.ts'

const whole = `actionTypes:
  - actionType: RestartPod
    what: Restarts a pod.
    whenToUse: It hangs.
    whenNotToUse: All hang.
workflows:
  - workflowName: restart
    version: 1.0.0
    actionType: RestartPod
    title: Restart
    description: Restarts one pod.
    labels:
      severity: [high]
      component: [pod]
      environment: ['*']
      priority: ['*']
    parameters:
      type: object
      properties:
        pod: { type: string }
      required: [pod]
`

const refusalOf = (text: string): unknown => {
  try {
    readCatalogFile({ name: 'pods.yaml', text })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

describe('a file of the catalogue', () => {
  it('holds action types and workflows, in one document or several', () => {
    const [actions, workflows] = whole.split('workflows:')
    for (const text of [whole, `${actions}---\nworkflows:${workflows}`]) {
      const read = readCatalogFile({ name: 'pods.yaml', text })
      expect(read.actionTypes.map(({ entry }) => entry.actionType)).toEqual(['RestartPod'])
      expect(read.workflows.map(({ entry }) => entry.workflowName)).toEqual(['restart'])
    }
  })

  it.each([
    ['text that is no YAML', 'severity: [high]', 'severity: [high', /^pods\.yaml:1[45]:\d+: not YAML: /],
    [
      'a key twice',
      '    title: Restart',
      '    title: Restart\n    title: Again',
      /^pods\.yaml:11:\d+: not YAML: /,
    ],
    ['an unknown field', 'title: Restart', 'titel: Restart', /^pods\.yaml:10: .*titel.*is not known/],
    [
      'a field that is missing',
      '    title: Restart\n',
      '',
      /^pods\.yaml:7: workflows\[0\] is refused: title is missing/,
    ],
    [
      'a label with a control character',
      "['*']\n      priority",
      '["a\\u0007"]\n      priority',
      /^pods\.yaml:15: .*labels\.environment\[0\].*control character/,
    ],
    [
      'the name of a label with a control character, which the error does not repeat to a terminal',
      '    parameters:',
      '    customLabels: { "a\\e[2J": [x] }\n    parameters:',
      /^pods\.yaml:17: workflows\[0\] is refused: customLabels\.a\\u001b\[2J .*has a name that holds a control character/,
    ],
    ['an alias of nothing', '[pod]\n', '*pods\n', /^pods\.yaml:14: no anchor before it is called pods/],
    [
      'parameters with what no database keeps',
      'pod: { type: string }',
      'pod: { const: "a\\0" }',
      /^pods\.yaml:20: .*parameters\.properties\.pod\.const .*U\+0000/,
    ],
    [
      'parameters that no event can hold',
      'pod: { type: string }',
      `pod: ${'{ not: '.repeat(12)}{}${' }'.repeat(12)}`,
      /^pods\.yaml:19: .*parameters\.properties .*is nested deeper than 14 levels/,
    ],
    ['a label without a value', '[pod]\n', '[]\n', /^pods\.yaml:14: .*labels\.component.*has no value/],
    [
      'a list that is a word',
      "priority: ['*']",
      'priority: P0',
      /^pods\.yaml:16: .*labels\.priority \("P0"\) is not a list/,
    ],
    [
      'parameters that are no JSON Schema',
      '{ type: string }',
      '{ type: text }',
      /^pods\.yaml:20: .*parameters\.properties\.pod\.type is no JSON Schema/,
    ],
    [
      'a keyword that no draft knows',
      'required: [pod]',
      'requird: [pod]',
      /^pods\.yaml:17: .*parameters is no JSON Schema.*requird/,
    ],
    [
      'parameters that are no object',
      'type: object',
      'type: array',
      /^pods\.yaml:18: .*parameters\.type is not "object"/,
    ],
    ['a key of its own', 'actionTypes:', 'actions:', /^pods\.yaml:1: "actions" is not known here/],
  ])('is refused with file and line for %s', (_, from, to, message) => {
    expect(refusalOf(whole.replace(from, to))).toMatch(message)
  })

  it('is refused when its aliases stand for too much', () => {
    const bomb =
      'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b, *b, *b]\nworkflows: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n'
    expect(refusalOf(bomb)).toMatch(/alias|not known/i)
  })
})
