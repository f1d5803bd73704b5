import { text } from 'node:stream/consumers';
import { Validator } from '@seriousme/openapi-schema-validator';

process.stdout.write(JSON.stringify(await new Validator().validate(await text(process.stdin))));
