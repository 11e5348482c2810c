const text = { type: 'string' };

/** The error body of the REST faces. */
const error = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'details', 'trace_id'],
      properties: {
        code: { ...text, examples: ['AUTHORIZATION_DENIED'] },
        message: { ...text, description: 'What happened and what to do, without PHI.' },
        details: {
          type: 'object',
          properties: {
            timestamp: { ...text, format: 'date-time' },
            issues: { type: 'array', items: { $ref: '#/components/schemas/Issue' } },
          },
        },
        trace_id: { ...text, description: 'Also the X-Correlation-Id; the log knows it.' },
      },
    },
  },
};

const issue = {
  type: 'object',
  required: ['severity', 'code', 'text'],
  properties: {
    severity: { enum: ['fatal', 'error', 'warning', 'information'] },
    code: text,
    expression: { ...text, description: 'Where in the request.' },
    text,
  },
};

/** FHIR R4 operationoutcome.html. */
const operationOutcome = {
  type: 'object',
  required: ['resourceType', 'issue'],
  properties: {
    resourceType: { const: 'OperationOutcome' },
    issue: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['severity', 'code'],
        properties: {
          severity: { enum: ['fatal', 'error', 'warning', 'information'] },
          code: text,
          details: { type: 'object' },
          diagnostics: text,
          expression: { type: 'array', items: text },
        },
      },
    },
  },
};

export const components = {
  schemas: { Error: error, Issue: issue, OperationOutcome: operationOutcome },
  responses: {
    Error: {
      description: 'A refusal.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
    OperationOutcome: {
      description: 'A refusal.',
      content: {
        'application/fhir+json': { schema: { $ref: '#/components/schemas/OperationOutcome' } },
      },
    },
  },
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An access token from POST /api/v1/auth/login or /api/v1/auth/service-token.',
    },
  },
} as const;
