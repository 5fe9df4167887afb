import { type INestApplication, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type Config } from '../config/config.js';
import { describeProblems } from './described-problems.js';

/** The page at /docs and the document at /openapi.json, from the same schemas that check the requests. */
export function serveOpenApi(app: INestApplication, { isLab }: Pick<Config, 'isLab'>): void {
  const description = new DocumentBuilder()
    .setTitle('Musubi')
    .setDescription(
      'One messaging service over three storage placements. Errors are RFC 9457 problems. Lists, single messages and ' +
        'batches are charged by their bytes and items: 429 and 503 say in `Retry-After` when to go on.',
    )
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'opaque',
      description: 'A token of `POST /v1/sessions` or `POST /v1/agents`.',
    })
    .addBasicAuth({
      type: 'http',
      scheme: 'basic',
      description: 'For an import, whose body is a file: the agent as the user, and its passphrase.',
    })
    .build();
  const controllers = controllersOf(app);
  const document = SwaggerModule.createDocument(app, description);
  describeProblems(document, controllers, isLab);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
}

function controllersOf(app: INestApplication): ReadonlyMap<string, Type> {
  const wrappers = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) => [
    ...controllers.values(),
  ]);
  const types = wrappers.flatMap(({ metatype }) => (metatype === null ? [] : [metatype as Type]));
  return new Map(types.map((type) => [type.name, type]));
}
