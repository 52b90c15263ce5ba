import { useLocation } from '@tanstack/react-router'
import { useEffect, useLayoutEffect } from 'react'
import { visible } from '../text/visible.ts'
import { isWithin, pages } from './pages.ts'

/** By what a browser tells its tabs apart shows no more than this. */
const longest = 100

const say = (words: string): void => {
  document.title = `${visible(words.slice(0, longest))} – Steptrail`
}

/** Names the tab and the entry of the browser's history after the part of the application that an address lies in. */
export function useTitleOfPart(): void {
  const { pathname } = useLocation()
  useLayoutEffect(() => {
    say(pages.find(({ to }) => isWithin(pathname, to))?.label ?? 'No such page')
  }, [pathname])
}

/** Names them after what the page shows, once it is known; it comes after the name of the part. */
export function usePageTitle(words: string): void {
  useEffect(() => say(words))
}
