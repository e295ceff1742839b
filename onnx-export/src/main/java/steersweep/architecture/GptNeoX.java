package steersweep.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.GptNeoXConfig;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * GPT-NeoX and Pythia: LayerNorm, attention and feed-forward part side by side, rotary embedding of
 * a part of each head, queries, keys and values of a head in one matrix. Follows transformers'
 * {@code modeling_gpt_neox}.
 */
record GptNeoX(GptNeoXConfig config) implements Architecture {
  @Override
  public String name() {
    return "gpt_neox";
  }

  @Override
  public ModelShape shape() {
    return config.shape();
  }

  @Override
  public Block block(Scope scope) {
    return new GptNeoXBlock(config, scope, scope.graph());
  }

  /** The forward pass. */
  private record GptNeoXBlock(GptNeoXConfig config, Scope scope, GraphBuilder g) implements Block {
    @Override
    public List<Tensor> positional(Tensor positions, Tensor mask) {
      return scope.rotary(positions, config.rope(), config.rotaryWidth());
    }

    @Override
    public Tensor embed(Tensor tokens, Tensor positions) {
      return scope.rows(GptNeoXConfig.EMBEDDING, tokens, config.shape().dModel());
    }

    @Override
    public Result layer(
        int layer, Tensor residual, @Nullable KeyValue past, Pass pass, Hooks hooks) {
      ModelShape shape = config.shape();
      int dHead = shape.dHead();
      Attention attention = new Attention(scope, pass, shape.nHeads(), shape.nHeads(), dHead);

      // attention: [batch * pos, d_model] -> each head's q, k and v, [batch * pos, heads, 3 *
      // d_head]
      Tensor normed = norm(residual, layer, "input_layernorm");
      Tensor fused = linear(normed, layer, "attention.query_key_value");
      Tensor ofHeads = g.reshape(fused, -1, shape.nHeads(), 3L * dHead);
      Tensor flatValue = hooks.hook(HookPoint.VALUE, layer, part(ofHeads, 2));

      // [batch, heads, pos, d_head]
      Tensor query = rotate(attention.split(part(ofHeads, 0), shape.nHeads()), pass);
      Tensor key = rotate(attention.split(part(ofHeads, 1), shape.nHeads()), pass);
      Tensor value = attention.split(flatValue, shape.nHeads());
      if (past != null) {
        key = g.concat(2, past.key(), key);
        value = g.concat(2, past.value(), value);
      }
      Tensor scaled = g.node(Op.MUL, query, scope.narrow(g.scalar(1 / Math.sqrt(dHead))));
      Tensor z =
          hooks.hook(
              HookPoint.HEAD_OUTPUT, layer, attention.attend(scaled, key, value, pass.mask()));
      Tensor attentionOutput =
          hooks.hook(HookPoint.ATTENTION_OUTPUT, layer, linear(z, layer, "attention.dense"));
      Tensor middle = g.node(Op.ADD, residual, attentionOutput);

      // feed-forward over [batch * pos, d_mlp]
      Tensor mlpInput = config.parallel() ? residual : middle;
      Tensor hidden =
          linear(norm(mlpInput, layer, "post_attention_layernorm"), layer, "mlp.dense_h_to_4h");
      Tensor active = scope.activation(config.activation(), hidden);
      Tensor mlpOutput =
          hooks.hook(HookPoint.MLP_OUTPUT, layer, linear(active, layer, "mlp.dense_4h_to_h"));
      Tensor output = g.node(Op.ADD, middle, mlpOutput);
      return new Result(
          hooks.hook(HookPoint.RESIDUAL_POST, layer, output), new KeyValue(key, value));
    }

    @Override
    public Tensor logits(Tensor residual) {
      Tensor normed = scope.layerNorm(residual, GptNeoXConfig.FINAL_NORM, config.layerNormEps());
      String output = config.tiedEmbeddings() ? GptNeoXConfig.EMBEDDING : GptNeoXConfig.OUTPUT;
      return scope.linear(normed, scope.weights().matrix(output), null);
    }

    /** q, k or v of all heads: [batch * pos, heads, 3 * d_head] to [batch * pos, d_model]. */
    private Tensor part(Tensor ofHeads, int number) {
      int dHead = config.shape().dHead();
      Tensor part = g.slice(ofHeads, 2, (long) number * dHead, (number + 1L) * dHead);
      return g.reshape(part, -1, config.shape().dModel());
    }

    /**
     * Turns the first dimensions of each head and leaves the others: [batch, heads, pos, d_head].
     */
    private Tensor rotate(Tensor x, Pass pass) {
      int width = config.rotaryWidth();
      int dHead = config.shape().dHead();
      if (width == dHead) {
        return scope.rotate(x, pass);
      }
      Tensor turned = scope.rotate(g.slice(x, 3, 0, width), pass);
      return g.concat(-1, turned, g.slice(x, 3, width, dHead));
    }

    private Tensor linear(Tensor x, int layer, String part) {
      return scope.linear(x, GptNeoXConfig.inLayer(layer, part));
    }

    private Tensor norm(Tensor x, int layer, String part) {
      return scope.layerNorm(x, GptNeoXConfig.inLayer(layer, part), config.layerNormEps());
    }
  }
}
