import type { Query } from '@steptrail/core'
import type { DayPrice } from './exchange.ts'

/** A price that jumped from one day to the next. */
export interface Jump {
  readonly symbol: string
  readonly day: string
  /** By which share of the day before. */
  readonly change: number
}

/** The tables of the service, in the schema `data_service`, beside the trail and apart from it. */
export class PriceStore {
  readonly #query: Query

  constructor(query: Query) {
    this.#query = query
  }

  /** Makes the tables, empty, and the settings as they are delivered. */
  async reset(): Promise<void> {
    await this.#query('drop schema if exists data_service cascade')
    await this.#query('create schema data_service')
    await this.#query(`
      create table data_service.price (
        symbol text,
        day date,
        close numeric not null,
        primary key (symbol, day)
      )`)
    await this.#query(`
      create table data_service.setting (
        name text primary key,
        value numeric not null,
        constraint "a threshold is a share between 0 and 1" check (value > 0 and value < 1)
      )`)
    await this.#query(`insert into data_service.setting values ('jump_threshold', 0.1)`)
  }

  /** Keeps prices; gives how many days had one. */
  async keep(symbol: string, prices: readonly DayPrice[]): Promise<number> {
    const { rows } = await this.#query(
      `insert into data_service.price
       select $1, day, close
       from json_to_recordset($2::text::json) as given(day date, close numeric)
       where close is not null
       on conflict (symbol, day) do update set close = excluded.close
       returning day`,
      [symbol, JSON.stringify(prices)],
    )
    return rows.length
  }

  /** The number of days with a price, and the last price; null where there is none. */
  async latest(symbol: string): Promise<{ readonly days: number; readonly close: number | null }> {
    const { rows } = await this.#query<{ days: number; close: number | null }>(
      `select count(*) as days, (array_agg(close::float8 order by day desc))[1] as close
       from data_service.price
       where symbol = $1`,
      [symbol],
    )
    return rows[0] ?? { days: 0, close: null }
  }

  /** Sets the threshold; gives what it was before. Throws what the database says when it refuses. */
  async setThreshold(value: number): Promise<number> {
    const { rows } = await this.#query<{ before: number }>(
      `with before as (select value::float8 as value from data_service.setting where name = 'jump_threshold')
       update data_service.setting
       set value = $1
       where name = 'jump_threshold'
       returning (select value from before) as before`,
      [value],
    )
    return rows[0]?.before ?? Number.NaN
  }

  /** The jumps beyond the threshold. */
  async jumps(): Promise<readonly Jump[]> {
    const { rows } = await this.#query<Jump>(
      `with change as (
         select symbol, day, round(close / lag(close) over (partition by symbol order by day) - 1, 4) as change
         from data_service.price
       )
       select symbol, day::text as day, change::float8 as change
       from change, data_service.setting
       where name = 'jump_threshold' and abs(change) > value
       order by symbol, day`,
    )
    return rows
  }

  /** Removes prices from before a day; gives how many. */
  async removeBefore(day: string): Promise<number> {
    const { rows } = await this.#query('delete from data_service.price where day < $1 returning day', [day])
    return rows.length
  }
}
