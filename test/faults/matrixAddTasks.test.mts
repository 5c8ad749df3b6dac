// The fault matrix for Add Tasks.
import { testMatrix } from './support/matrix.mts';
import { bulkOperations } from './support/operations.mts';

testMatrix(bulkOperations);
