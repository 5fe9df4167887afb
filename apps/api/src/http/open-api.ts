import { type INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The page at /docs and the document at /openapi.json, from the same schemas that check the requests. */
export function serveOpenApi(app: INestApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Musubi')
    .setDescription('One messaging service over three storage placements. Errors are RFC 9457 problems.')
    .setVersion('1')
    .addBearerAuth()
    .build();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) if (metatype !== null) revealParameters(metatype);
  }
  const document = SwaggerModule.createDocument(app, description);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
}

/**
 * Swagger describes the parameters of a handler, and reads the schemas of theirs, only where the compiler noted
 * their types. This build notes none (`emitDecoratorMetadata` is off), so that this stands in.
 */
function revealParameters({ prototype }: { readonly prototype: object }): void {
  for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
    const types = Array<unknown>(lengthOf(prototype, name)).fill(Object);
    Reflect.defineMetadata('design:paramtypes', types, prototype, name);
  }
}

function lengthOf(prototype: object, name: string): number {
  const method: unknown = Reflect.get(prototype, name);
  return typeof method === 'function' ? method.length : 0;
}
