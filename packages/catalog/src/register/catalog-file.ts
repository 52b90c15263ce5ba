import { TrailError } from '@steptrail/event'
import {
  type Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml'
import type { ActionType, WorkflowContent } from '../content/content-schema.ts'
import { RefusedContent } from '../content/refused-content.ts'
import { checkActionType, checkContent } from './check-entries.ts'

/** A file of the catalogue. */
export interface CatalogFile {
  /** What errors call it. */
  readonly name: string
  /** YAML, of one document or several. */
  readonly text: string
}

/** An entry, and where it is from. */
export interface PlacedEntry<Entry> {
  readonly entry: Entry
  /** `catalog/scale.yaml:12`, for an error of its field; without a path, of the entry itself. */
  readonly placeOf: (path?: readonly PropertyKey[]) => string
}

/** What a file holds. */
export interface FileEntries {
  readonly actionTypes: readonly PlacedEntry<ActionType>[]
  readonly workflows: readonly PlacedEntry<WorkflowContent>[]
}

/** Aliases that a file may use: without a bound, ten lines could stand for gigabytes. */
const mostAliases = 100
const mostBytes = 8 * 1024 * 1024

/**
 * Reads a file of the catalogue: documents with `actionTypes` and `workflows`.
 *
 * @throws TrailError `invalid_catalog_entry` naming file and line: for what is not YAML, for a key that is not known,
 *   and for each field that an entry lacks or has wrong
 */
export function readCatalogFile({ name, text }: CatalogFile): FileEntries {
  if (Buffer.byteLength(text) > mostBytes)
    throw refused(`${name}:1`, `the file has more than ${mostBytes} bytes`)
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false })
  const found = {
    actionTypes: [] as PlacedEntry<ActionType>[],
    workflows: [] as PlacedEntry<WorkflowContent>[],
  }
  for (const document of 'empty' in documents ? [] : documents) {
    for (const error of document.errors) throw notYaml(name, error, lineCounter)
    const lineOf = (offset: number): string => `${name}:${lineCounter.linePos(offset).line}`
    const unknown = unknownAlias(document)
    if (unknown)
      throw refused(lineOf(unknown.range?.[0] ?? 0), `no anchor before it is called ${unknown.source}`)
    const placeOf = (path: readonly PropertyKey[]): string => lineOf(offsetOf(document, path))
    for (const [key, list] of Object.entries(listsOf(document, placeOf)))
      list.forEach((given, index) => {
        const at = [key, index]
        const placed = (path: readonly PropertyKey[] = []): string => placeOf([...at, ...path])
        const what = `${key}[${index}]`
        if (key === 'actionTypes')
          found.actionTypes.push({
            entry: located(placed, () => checkActionType(given, what)),
            placeOf: placed,
          })
        else
          found.workflows.push({ entry: located(placed, () => checkContent(given, what)), placeOf: placed })
      })
  }
  return found
}

/** The lists of a document. */
function listsOf(
  document: Document.Parsed,
  placeOf: (path: readonly PropertyKey[]) => string,
): Readonly<Record<string, readonly unknown[]>> {
  const value = plainOf(document, placeOf)
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw refused(placeOf([]), 'the document is no map: give actionTypes and workflows, each a list')
  const lists: Record<string, readonly unknown[]> = {}
  for (const [key, list] of Object.entries(value)) {
    if (key !== 'actionTypes' && key !== 'workflows')
      throw refused(
        placeOf([key]),
        `${JSON.stringify(key)} is not known here: give actionTypes and workflows`,
      )
    if (!Array.isArray(list)) throw refused(placeOf([key]), `${key} is no list`)
    lists[key] = list
  }
  return lists
}

/** An alias of something that is not there. */
function unknownAlias(document: Document.Parsed): Alias | undefined {
  let unknown: Alias | undefined
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document)) return undefined
      unknown = alias
      return visit.BREAK
    },
  })
  return unknown
}

function plainOf(document: Document.Parsed, placeOf: (path: readonly PropertyKey[]) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch (error) {
    throw refused(placeOf([]), error instanceof Error ? error.message : String(error))
  }
}

/** What a check refuses, with the line that it refuses. */
export function located<Value>(
  placeOf: (path?: readonly PropertyKey[]) => string,
  check: () => Value,
): Value {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error
    const place = placeOf(error.field.path)
    throw new TrailError('invalid_catalog_entry', `${place}: ${error.message}`, {
      details: { ...error.details, place },
      cause: error,
    })
  }
}

/** Where a path is in the text; where it leads nowhere, the place of what should hold it. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const keys = path.slice(0, length).map(keyOf)
    const parent = length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
    const node = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1))?.key
      : document.getIn(keys, true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}

const keyOf = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key))

function notYaml(name: string, error: YAMLError, lineCounter: LineCounter): TrailError {
  const { line, col } = lineCounter.linePos(error.pos[0])
  return refused(`${name}:${line}:${col}`, `not YAML: ${error.message}`)
}

const refused = (place: string, problem: string): TrailError =>
  new TrailError('invalid_catalog_entry', `${place}: ${problem}. Nothing was registered.`, {
    details: { place },
  })
