import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { ExecutionPage } from '../execution/execution-page.tsx'
import { executionSearch } from '../execution/execution-search.ts'
import { ExecutionsPage } from '../executions/executions-page.tsx'
import { executionsSearch } from '../executions/executions-search.ts'
import { NoSuchPage } from './no-such-page.tsx'
import { parseSearch, stringifySearch } from './search-parameters.ts'
import { Shell } from './shell.tsx'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })

/** What is failing is among the executions. */
const startRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- this is how the router is told to go elsewhere
    throw redirect({ to: '/executions' })
  },
})

const executionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/executions',
  validateSearch: executionsSearch,
  component: ExecutionsPage,
})

const executionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/executions/$executionId',
  validateSearch: executionSearch,
  component: ExecutionPage,
})

const routeTree = rootRoute.addChildren([startRoute, executionsRoute, executionRoute])

/** The pages by their addresses. All that a reader chose to see is in the address. */
export const createApplicationRouter = () =>
  createRouter({ routeTree, parseSearch, stringifySearch, defaultPreload: false, scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createApplicationRouter>
  }
}
