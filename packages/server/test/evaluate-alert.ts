/** A sample of a scrape. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What an expression sees: the scrape at the beginning of its range, the one at its end, and the time of it. */
export interface Observed {
  readonly before: readonly Sample[]
  readonly after: readonly Sample[]
  readonly seconds: number
}

/** The samples of a scrape in the text format. */
export const samplesOf = (text: string): readonly Sample[] =>
  [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', text_ = '']) => [label, text_]),
    ),
    value: Number(value),
  }))

/** The part of PromQL that our alerts use: selectors, increase, rate, sum, min, max, time, arithmetic and comparison. */
export function evaluate(expression: string, observed: Observed): readonly Sample[] {
  const tokens =
    expression.match(/[a-z_]+(?:\{[^}]*\})?(?:\[\d+[mh]\])?|\d+(?:\.\d+)?|[=!<>]=|[-+*/<>(),]/gi) ?? []
  const parser = new Parser(tokens, observed)
  const value = parser.comparison()
  if (parser.next !== undefined) throw new Error(`${parser.next} is not understood in ${expression}`)
  if (typeof value === 'number') throw new Error(`${expression} is a number`)
  return value
}

type Value = number | readonly Sample[]

class Parser {
  readonly #tokens: string[]
  readonly #observed: Observed

  constructor(tokens: readonly string[], observed: Observed) {
    this.#tokens = [...tokens]
    this.#observed = observed
  }

  get next(): string | undefined {
    return this.#tokens[0]
  }

  comparison(): Value {
    return this.#operators(['>', '<', '=='], () => this.#operators(['-', '+'], () => this.#quotient()))
  }

  #quotient(): Value {
    return this.#operators(['/', '*'], () => this.#primary())
  }

  #operators(operators: readonly string[], operand: () => Value): Value {
    let left = operand()
    while (operators.includes(this.next ?? '')) left = combine(left, this.#take(), operand())
    return left
  }

  #primary(): Value {
    const token = this.#take()
    if (/^\d/.test(token)) return Number(token)
    if (token === '(') return this.#closed(this.comparison())
    if (token === 'time') {
      this.#take()
      return this.#closed(this.#observed.seconds)
    }
    if (token === 'sum' || token === 'min' || token === 'max') return this.#aggregate(token)
    if (token === 'increase' || token === 'rate') {
      this.#take()
      return this.#closed(this.#change(token, this.#take()))
    }
    return select(this.#observed.after, token)
  }

  #aggregate(kind: 'sum' | 'min' | 'max'): Value {
    const labels: string[] = []
    if (this.next === 'by') {
      this.#tokens.splice(0, 2)
      for (let label = this.#take(); label !== ')'; label = this.#take())
        if (label !== ',') labels.push(label)
    }
    this.#take()
    const value = this.#closed(this.comparison())
    const groups = Map.groupBy(typeof value === 'number' ? [] : value, (sample) =>
      JSON.stringify(Object.fromEntries(labels.map((label) => [label, sample.labels[label] ?? '']))),
    )
    return [...groups].map(([key, samples]) => ({
      name: '',
      labels: JSON.parse(key) as Sample['labels'],
      value:
        kind === 'sum'
          ? samples.reduce((sum, sample) => sum + sample.value, 0)
          : Math[kind](...samples.map((sample) => sample.value)),
    }))
  }

  #change(kind: 'increase' | 'rate', ranged: string): Value {
    const [, selector = '', length = '1', unit] = /^(.*)\[(\d+)([mh])\]$/.exec(ranged) ?? []
    const seconds = Number(length) * (unit === 'h' ? 3600 : 60)
    const earlier = select(this.#observed.before, selector)
    return select(this.#observed.after, selector).flatMap((sample) => {
      const first = earlier.find((one) => sameLabels(one, sample))
      if (!first) return []
      const change = sample.value - first.value
      return [{ ...sample, name: '', value: kind === 'rate' ? change / seconds : change }]
    })
  }

  #closed(value: Value): Value {
    if (this.#take() !== ')') throw new Error('a parenthesis is not closed')
    return value
  }

  #take(): string {
    const token = this.#tokens.shift()
    if (token === undefined) throw new Error('the expression ends too early')
    return token
  }
}

const sameLabels = (one: Sample, other: Sample): boolean =>
  JSON.stringify(Object.entries(one.labels).toSorted()) ===
  JSON.stringify(Object.entries(other.labels).toSorted())

function select(samples: readonly Sample[], selector: string): readonly Sample[] {
  const [, name = '', matchers = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(selector) ?? []
  const wanted = [...matchers.matchAll(/([a-z_]+)(=~|=)"([^"]*)"/g)]
  return samples.filter(
    (sample) =>
      sample.name === name &&
      wanted.every(([, label = '', operator, value = '']) =>
        operator === '='
          ? sample.labels[label] === value
          : new RegExp(`^(?:${value})$`).test(sample.labels[label] ?? ''),
      ),
  )
}

function combine(left: Value, operator: string, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return calculated(left, operator, right) ?? 0
  const base = typeof left === 'number' ? (right as readonly Sample[]) : left
  return base.flatMap((sample) => {
    const other = typeof right === 'number' ? right : right.find((one) => sameLabels(one, sample))?.value
    const own = typeof left === 'number' ? left : sample.value
    const value = other === undefined ? null : calculated(own, operator, other)
    return value === null ? [] : [{ ...sample, value }]
  })
}

/** Null where a comparison does not hold. */
function calculated(left: number, operator: string, right: number): number | null {
  switch (operator) {
    case '/':
      return left / right
    case '*':
      return left * right
    case '+':
      return left + right
    case '-':
      return left - right
    case '>':
      return left > right ? left : null
    case '<':
      return left < right ? left : null
    default:
      return left === right ? left : null
  }
}
