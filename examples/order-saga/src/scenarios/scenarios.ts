import {
  answer,
  beginCount,
  closeCarrier,
  endCount,
  hesitate,
  occupyCarrier,
  openCarrier,
} from '../shop/scene.ts'
import type { Scenario } from './scenario.ts'
import { stepIs, until } from './until.ts'

/** What is left of an order that was undone before money was taken. */
const untouched = {
  orderStatus: 'withdrawn',
  inStock: 10,
  reserved: 0,
  held: 0,
  ledgerEntries: 0,
  ledgerCents: 0,
  chargedCents: 0,
  pickups: 0,
  shipments: 0,
  mails: 0,
} as const

/** The same after it was: the ledger has both entries. */
const refunded = { ...untouched, ledgerEntries: 2 } as const

/** One article of 25.00 was sold and sent. */
const sold = {
  orderStatus: 'accepted',
  inStock: 9,
  reserved: 1,
  held: 0,
  ledgerEntries: 1,
  ledgerCents: 2_500,
  chargedCents: 2_500,
  pickups: 1,
  shipments: 1,
  mails: 1,
} as const

const anna = { type: 'user', id: 'anna' } as const

const straightThrough: Scenario = {
  title: 'straight through',
  story: 'Nothing is in the way. It is no gift, so wrapping it is skipped by its condition.',
  order: 'plain',
  expects: { status: 'completed', traces: sold, skipped: ['wrapGift'] },
}

const gift: Scenario = {
  title: 'a gift, and a carrier that is busy for a moment',
  story: 'The carrier says until when it is busy: tried again then, not by the back-off.',
  order: 'gift',
  choices: { giftWrap: true },
  expects: { status: 'completed', traces: sold, skipped: [] },
  prepare: async ({ database, scene, note }) => {
    await occupyCarrier(database, scene.carrier, 1_200)
    note(`${scene.carrier} is busy for 1.2 s, and says so`)
  },
}

const noMail: Scenario = {
  title: 'the confirmation cannot be sent',
  story: 'There can be no such address, by a constraint. The goods are on their way all the same.',
  order: 'silent',
  choices: { email: 'somebody@nowhere.invalid' },
  expects: { status: 'completed', traces: { ...sold, mails: 0 }, skipped: ['wrapGift', 'sendConfirmation'] },
}

const tooHeavy: Scenario = {
  title: 'paid, and cannot be shipped',
  story: 'Four anvils: the parcel is over 30 kg, which a constraint refuses. The money is given back.',
  order: 'anvils',
  choices: { quantity: 4 },
  scene: { weightGrams: 9_000 },
  expects: {
    status: 'failed',
    traces: refunded,
    undone: ['bookCarrier', 'capturePayment', 'authorisePayment', 'reserveStock', 'checkOrder'],
    skipped: ['wrapGift'],
  },
}

const outOfStock: Scenario = {
  title: 'out of stock while the bank is asked',
  story:
    'The bank still has the request when stock would fall below zero: its answer is waited for, and undone.',
  order: 'sold-out',
  choices: { quantity: 3 },
  expects: {
    status: 'failed',
    traces: { ...untouched, inStock: 2 },
    undone: ['authorisePayment', 'checkOrder'],
    skipped: [],
  },
  prepare: async ({ database, scene, note }) => {
    await beginCount(database, scene.sku)
    await hesitate(database, scene.card)
    note(`${scene.sku} is being counted, and the bank of ${scene.card} takes its time`)
  },
  meanwhile: async (stage, executionId) => {
    const { database, scene, note } = stage
    const isAsked = stepIs('authorisePayment', 'in_progress')
    await until(stage, executionId, isAsked)
    await endCount(database, scene.sku, 2)
    note('the count found 2, and 3 are ordered')
    await until(stage, executionId, (execution) => execution.status === 'rolling_back' && isAsked(execution))
    await answer(database, scene.card)
    note('reserveStock has failed; now the bank answers: granted')
  },
}

const overLimit: Scenario = {
  title: 'the card is over its limit',
  story: 'The card carries no more than 10.00, by a constraint; the order costs 25.00. Stock is given back.',
  order: 'overdrawn',
  scene: { limitCents: 1_000 },
  expects: {
    status: 'failed',
    traces: untouched,
    undone: ['reserveStock', 'checkOrder'],
    skipped: ['wrapGift'],
  },
  prepare: ({ database, scene }) => hesitate(database, scene.card),
  meanwhile: async (stage, executionId) => {
    await until(stage, executionId, stepIs('reserveStock', 'complete'))
    await answer(stage.database, stage.scene.card)
    stage.note('stock is reserved; now the bank answers: refused')
  },
}

const carrierReopens: Scenario = {
  title: 'the carrier is closed, an operator has it tried again',
  story: 'Nobody knows when it opens, so no retry helps: the execution is blocked until a person acts.',
  order: 'strike',
  expects: { status: 'completed', traces: sold, skipped: ['wrapGift'] },
  prepare: ({ database, scene }) => closeCarrier(database, scene.carrier, 'on strike'),
  meanwhile: async (stage, executionId) => {
    const { database, saga, scene, note } = stage
    await until(stage, executionId, ({ status }) => status === 'blocked')
    note(`${scene.carrier} is on strike: blocked`)
    await openCarrier(database, scene.carrier)
    const reason = 'the strike is over, their dispatcher said so on the telephone'
    await saga.act(executionId, { action: 'retry', step: 'bookCarrier' }, { actor: anna, reason })
    note(`anna orders a retry: ${reason}`)
  },
}

const bookedByHand: Scenario = {
  title: 'the carrier is closed, an operator books by telephone',
  story: 'The step is resolved by hand, with what it would have yielded. What comes after it goes on.',
  order: 'telephone',
  expects: { status: 'completed', traces: { ...sold, pickups: 0 }, skipped: ['wrapGift'] },
  prepare: ({ database, scene }) => closeCarrier(database, scene.carrier, 'its booking system is down'),
  meanwhile: async (stage, executionId) => {
    const { saga, scene, note } = stage
    await until(stage, executionId, ({ status }) => status === 'blocked')
    note(`${scene.carrier} takes no bookings: blocked`)
    const reason = 'booked by telephone, pick-up 7 tomorrow morning'
    const output = { bookedAs: 'telephone-7' }
    await saga.act(executionId, { action: 'resolve', step: 'bookCarrier', output }, { actor: anna, reason })
    note(`anna resolves it: ${reason}`)
  },
}

const changedMind: Scenario = {
  title: 'cancelled by the customer',
  story:
    'The carrier is busy for an hour. The customer does not wait: cancelled, and what was done is undone.',
  order: 'impatient',
  expects: {
    status: 'cancelled',
    traces: refunded,
    undone: ['capturePayment', 'authorisePayment', 'reserveStock', 'checkOrder'],
    skipped: ['wrapGift'],
  },
  prepare: async ({ database, scene, note }) => {
    await occupyCarrier(database, scene.carrier, 3_600_000)
    note(`${scene.carrier} is busy for an hour, and says so`)
  },
  meanwhile: async (stage, executionId) => {
    await until(stage, executionId, stepIs('bookCarrier', 'waiting_for_retry'))
    const reason = 'takes too long, bought elsewhere'
    const actor = { type: 'user', id: 'customer' } as const
    await stage.saga.act(executionId, { action: 'cancel' }, { actor, reason })
    stage.note(`the customer cancels: ${reason}`)
  },
}

/** In the order in which they are played. None needs another. */
export const scenarios: readonly Scenario[] = [
  straightThrough,
  gift,
  noMail,
  tooHeavy,
  outOfStock,
  overLimit,
  carrierReopens,
  bookedByHand,
  changedMind,
]

/** The scenarios of these orders. Throws where there is no such order. */
export function scenariosOf(orders: readonly string[]): readonly Scenario[] {
  const known = scenarios.map(({ order }) => order)
  const unknown = orders.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`there is no order ${unknown}: give some of ${known.join(', ')}`)
  return scenarios.filter(({ order }) => orders.includes(order))
}
