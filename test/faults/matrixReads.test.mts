// The fault matrix for operations that only read.
import { testMatrix } from './support/matrix.mts';
import { readOperations } from './support/operations.mts';

testMatrix(readOperations);
