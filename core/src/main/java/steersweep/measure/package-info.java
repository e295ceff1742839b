/**
 * What is measured of a cell: {@link steersweep.measure.Measure} declares each measure once, {@link
 * steersweep.measure.Measures} holds the values of one cell. Columns of result files, guards of
 * plans, tables and labels of reports follow from the declaration.
 */
@org.jspecify.annotations.NullMarked
package steersweep.measure;
