import { keyEndpoints } from './access/key-endpoints.ts'
import { catalogEndpoints } from './catalog/catalog-endpoints.ts'
import { discoveryEndpoints } from './catalog/discovery-endpoints.ts'
import { selectionEndpoints } from './catalog/selection-endpoints.ts'
import { reportEndpoints } from './analytics/report-endpoints.ts'
import type { Endpoint } from './endpoint/endpoint.ts'
import { engineEndpoints } from './engine/engine-endpoints.ts'
import { eventStreamEndpoint } from './events/event-stream.ts'
import { exportEventsEndpoint } from './events/export-events.ts'
import { listEventsEndpoint } from './events/list-events.ts'
import { recordEventsEndpoint } from './events/record-events.ts'
import { auditEndpoints } from './execution-audit/audit-endpoints.ts'
import { actionEndpoints } from './executions/act.ts'
import { readExecutionEndpoints } from './executions/read-executions.ts'
import { startExecutionEndpoint } from './executions/start-execution.ts'
import { stepAuditEndpoints } from './executions/step-audit.ts'
import { erasureEndpoints } from './log/erasure-endpoint.ts'
import { evidenceEndpoint } from './log/evidence-endpoint.ts'
import { logEndpoints } from './log/log-endpoints.ts'
import { metricsEndpoint } from './metrics/metrics-endpoint.ts'
import { healthEndpoint, limitsEndpoint, readinessEndpoint } from './operation/health.ts'
import { recorderLossesEndpoint } from './operation/recorder-losses.ts'
import { retentionEndpoints } from './retention/retention-endpoints.ts'
import type { Services } from './services.ts'

/** Every operation that the server answers: those of the API, where it has that role, and those that tell how it is. */
export const endpointsOf = (services: Services): readonly Endpoint[] => [
  ...(services.roles.includes('api') ? apiEndpoints(services) : []),
  healthEndpoint(services),
  metricsEndpoint(services),
  readinessEndpoint(services),
  limitsEndpoint(services),
]

const apiEndpoints = (services: Services): readonly Endpoint[] => [
  recordEventsEndpoint(services),
  listEventsEndpoint(),
  eventStreamEndpoint(services),
  exportEventsEndpoint(services),
  ...readExecutionEndpoints(),
  startExecutionEndpoint(services),
  ...actionEndpoints(services),
  ...stepAuditEndpoints(),
  ...engineEndpoints(services),
  ...keyEndpoints(services),
  ...auditEndpoints(services),
  ...reportEndpoints(),
  ...retentionEndpoints(services),
  ...discoveryEndpoints(services),
  ...catalogEndpoints(services),
  ...selectionEndpoints(services),
  ...logEndpoints(services),
  evidenceEndpoint(services),
  ...erasureEndpoints(services),
  recorderLossesEndpoint(services),
]
