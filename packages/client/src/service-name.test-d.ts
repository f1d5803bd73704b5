import { expectTypeOf } from 'expect-type';
import type { ServiceName } from './service-name.ts';

// No declaration is part of this program: any name will do.
expectTypeOf<ServiceName>().toEqualTypeOf<string>();
