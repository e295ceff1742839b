package steersweep.steerable;

import java.util.ArrayList;
import java.util.List;
import steersweep.architecture.Block.KeyValue;
import steersweep.architecture.Scope;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.ModelShape;

/**
 * Texts that come before the prompts of rows and are not read again: their keys and values come in.
 * They may have no tokens at all.
 *
 * @param row which context each row's prompt follows, int64 [batch]
 * @param lengths tokens before each row's prompt, int64 [batch, 1]
 * @param seen whether there is a token, bool [batch, 1, 1, context]
 * @param caches of each layer, float [contexts, n_kv_heads, context, d_head]
 */
record Contexts(Tensor row, Tensor lengths, Tensor seen, List<KeyValue> caches) {
  /** Declares the inputs. */
  static Contexts declare(Scope inMain, ModelShape shape) {
    GraphBuilder main = inMain.graph();
    Tensor length = main.input(GraphNames.CONTEXT_LENGTH, ElementType.INT64, "contexts");
    Tensor mask = main.input(GraphNames.CONTEXT_MASK, ElementType.INT64, "contexts", "context");
    Tensor row = main.input(GraphNames.CONTEXT_ROW, ElementType.INT64, "batch");
    List<KeyValue> caches = new ArrayList<>();
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      caches.add(
          new KeyValue(
              cache(main, GraphNames.contextKey(layer), shape),
              cache(main, GraphNames.contextValue(layer), shape)));
    }
    Tensor isToken = main.cast(main.gather(mask, row, 0), ElementType.BOOL);
    return new Contexts(
        row,
        main.unsqueeze(main.gather(length, row, 0), 1),
        main.node(Op.UNSQUEEZE, isToken, main.ints(1, 2)),
        caches);
  }

  private static Tensor cache(GraphBuilder main, String name, ModelShape shape) {
    return main.input(
        name, ElementType.FLOAT, "contexts", shape.nKvHeads(), "context", shape.dHead());
  }

  /**
   * What is added to attention scores, with the context's keys before a pass's own.
   *
   * @param own [batch, 1, pos, key_pos]
   * @param hidden what is added to scores of the context's keys, [batch, 1, 1, context]
   * @return [batch, 1, pos, context + key_pos]
   */
  Tensor before(GraphBuilder main, Tensor own, Tensor hidden) {
    // as many positions as the pass has, without asking for the shape
    Tensor firstColumn = main.node(Op.SLICE, own, main.ints(0), main.ints(1), main.ints(3));
    Tensor nothing = main.node(Op.MUL, firstColumn, main.scalar(0.0));
    return main.concat(3, main.node(Op.ADD, nothing, hidden), own);
  }

  /** A layer's keys and values for each row, [batch, n_kv_heads, context, d_head]. */
  KeyValue ofLayer(int layer, Scope scope) {
    KeyValue cache = caches.get(layer);
    return new KeyValue(ofRows(cache.key(), scope), ofRows(cache.value(), scope));
  }

  private Tensor ofRows(Tensor cache, Scope scope) {
    return scope.narrow(scope.graph().gather(cache, row, 0));
  }
}
