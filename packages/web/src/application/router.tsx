import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { administrationSearch } from '../administration/administration-search.ts'
import { reportSearch } from '../analytics/report-search.ts'
import { catalogueSearch } from '../catalogue/catalogue-search.ts'
import { EventsPage } from '../events/events-page.tsx'
import { type EventsSearch, eventsSearch } from '../events/events-search.ts'
import { ExecutionPage } from '../execution/execution-page.tsx'
import { executionSearch } from '../execution/execution-search.ts'
import { ExecutionsPage } from '../executions/executions-page.tsx'
import { executionsSearch } from '../executions/executions-search.ts'
import { OverviewPage } from '../overview/overview-page.tsx'
import { selectionsSearch } from '../selections/selections-search.ts'
import { NoSuchPage } from './no-such-page.tsx'
import { parseSearch, stringifySearch } from './search-parameters.ts'
import { Shell } from './shell.tsx'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })

const overviewRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: OverviewPage })

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

const eventsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/events',
  validateSearch: (search: Record<string, unknown>): EventsSearch => eventsSearch(search),
  component: EventsPage,
})

// Charts are read when they are first looked at.
const analytics = {
  validateSearch: reportSearch,
  component: lazyRouteComponent(() => import('../analytics/analytics-page.tsx'), 'AnalyticsPage'),
}

const analyticsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/analytics', ...analytics })

const reportRoute = createRoute({ getParentRoute: () => rootRoute, path: '/analytics/$report', ...analytics })

const administrationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/administration',
  validateSearch: administrationSearch,
  component: lazyRouteComponent(
    () => import('../administration/administration-page.tsx'),
    'AdministrationPage',
  ),
})

const integrityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/integrity',
  component: lazyRouteComponent(() => import('../integrity/integrity-page.tsx'), 'IntegrityPage'),
})

const selectionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/selections',
  validateSearch: selectionsSearch,
  component: lazyRouteComponent(() => import('../selections/selections-page.tsx'), 'SelectionsPage'),
})

const selectionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/selections/$remediationId',
  component: lazyRouteComponent(() => import('../selections/selection-page.tsx'), 'SelectionPage'),
})

const catalogueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/catalogue',
  validateSearch: catalogueSearch,
  component: lazyRouteComponent(() => import('../catalogue/catalogue-page.tsx'), 'CataloguePage'),
})

const workflowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/catalogue/$workflowId',
  component: lazyRouteComponent(() => import('../catalogue/workflow-page.tsx'), 'WorkflowPage'),
})

const routeTree = rootRoute.addChildren([
  overviewRoute,
  executionsRoute,
  executionRoute,
  eventsRoute,
  selectionsRoute,
  selectionRoute,
  catalogueRoute,
  workflowRoute,
  analyticsRoute,
  reportRoute,
  integrityRoute,
  administrationRoute,
])

/** The pages by their addresses. All that a reader chose to see is in the address. */
export const createApplicationRouter = () =>
  createRouter({ routeTree, parseSearch, stringifySearch, defaultPreload: false, scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createApplicationRouter>
  }
}
