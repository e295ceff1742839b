/** A run's results as tables that open in one line, beside its report. */
@NullMarked
package steersweep.table;

import org.jspecify.annotations.NullMarked;
