/** Gives the focus to the content of the page: for what goes with the focus in it. */
export const focusContent = (): void => document.getElementById('content')?.focus({ preventScroll: true })
