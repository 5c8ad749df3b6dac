// The fault matrix for operations that change one record or call.
import { testMatrix } from './support/matrix.mts';
import { writeOperations } from './support/operations.mts';

testMatrix(writeOperations);
