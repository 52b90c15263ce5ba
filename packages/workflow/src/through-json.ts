import type { Json } from '@steptrail/verify'

/** Values that JSON leaves out of an object, or cannot hold at all. */
type Lost = undefined | symbol | bigint | ((...values: never) => unknown)

/** A property that may be undefined may be absent. */
type ObjectThroughJson<T> = {
  readonly [
    K in keyof T as K extends symbol ? never : T[K] extends Lost ? never : Sure<K, T[K]>
  ]: ThroughJson<T[K]>
} & {
  readonly [K in keyof T as K extends symbol ? never : Exclude<K, Sure<K, T[K]>>]?: ThroughJson<
    Exclude<T[K], undefined>
  >
}

type Sure<K, Value> = undefined extends Value ? never : K

type Flat<T> = { [K in keyof T]: T[K] }

/**
 * The type of a `T` that was written as JSON and read again: a Date is a string, an optional property may be
 * absent, an element that is `undefined` is null, a method is gone.
 */
export type ThroughJson<T> = unknown extends T
  ? Json
  : T extends string | number | boolean | null
    ? T
    : T extends Lost
      ? never
      : T extends { toJSON(): infer Written }
        ? ThroughJson<Written>
        : T extends readonly unknown[]
          ? {
              readonly [I in keyof T]:
                ThroughJson<Exclude<T[I], undefined>> | (undefined extends T[I] ? null : never)
            }
          : Flat<ObjectThroughJson<T>>
