/** What was given, without the spaces around it; what is empty then was not given. */
export const trimmed = <Given extends Readonly<Record<string, string | undefined>>>(given: Given): Given =>
  Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name, value?.trim() ?? ''] as const)
      .filter(([, value]) => value !== ''),
  ) as Given
