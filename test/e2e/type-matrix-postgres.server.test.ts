import { typeMatrix } from './type-matrix.ts';
import { postgresTypes } from './type-values-postgres.ts';

typeMatrix(postgresTypes);
