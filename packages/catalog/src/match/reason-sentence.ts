import type { LeftOut } from './match-workflow.ts'

/** A reason in words. */
export function sentenceOf(reason: LeftOut): string {
  switch (reason.kind) {
    case 'not_active':
      return `It is ${reason.status}${reason.disabledReason ? `: ${reason.disabledReason}` : ''}.`
    case 'action_type_not_active':
      return `Its action type ${reason.actionType} is disabled.`
    case 'no_context':
      return 'Nothing was said of the situation, so nothing passes.'
    case 'label': {
      const has = reason.has.join(', ')
      return reason.wanted === null
        ? `It is for ${reason.label} ${has}, and no ${reason.label} was given.`
        : `It is for ${reason.label} ${has}, and ${reason.label} ${reason.wanted} was asked for.`
    }
  }
}

/** Reasons in words, one sentence after the other. */
export const sentencesOf = (reasons: readonly LeftOut[]): string =>
  reasons.map(sentenceOf).join(' ').slice(0, 2_000)
