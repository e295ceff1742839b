package steersweep.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.Gpt2Config;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * GPT-2: LayerNorm before each part, learned positions, one matrix for queries, keys and values,
 * matrices stored as [in, out]. Follows transformers' {@code modeling_gpt2}.
 */
record Gpt2(Gpt2Config config) implements Architecture {
  @Override
  public String name() {
    return "gpt2";
  }

  @Override
  public ModelShape shape() {
    return config.shape();
  }

  @Override
  public Block block(Scope scope) {
    return new Gpt2Block(config, scope, scope.graph());
  }

  /** The forward pass. */
  private record Gpt2Block(Gpt2Config config, Scope scope, GraphBuilder g) implements Block {
    @Override
    public List<Tensor> positional(Tensor positions, Tensor mask) {
      return List.of();
    }

    @Override
    public Tensor embed(Tensor tokens, Tensor positions) {
      int dModel = config.shape().dModel();
      return g.node(
          Op.ADD,
          scope.rows(Gpt2Config.EMBEDDING, tokens, dModel),
          scope.rows(Gpt2Config.POSITIONS, positions, dModel));
    }

    @Override
    public Result layer(
        int layer, Tensor residual, @Nullable KeyValue past, Pass pass, Hooks hooks) {
      ModelShape shape = config.shape();
      int dModel = shape.dModel();
      Attention attention =
          new Attention(scope, pass, shape.nHeads(), shape.nHeads(), shape.dHead());

      // attention: [batch * pos, d_model] -> q, k and v side by side, [batch * pos, 3 * d_model]
      Tensor fused = matrix(norm(residual, layer, "ln_1"), layer, "attn.c_attn");
      Tensor flatValue =
          hooks.hook(HookPoint.VALUE, layer, g.slice(fused, 1, 2 * dModel, 3 * dModel));

      // [batch, heads, pos, d_head]
      Tensor query = attention.split(g.slice(fused, 1, 0, dModel), shape.nHeads());
      Tensor key = attention.split(g.slice(fused, 1, dModel, 2 * dModel), shape.nHeads());
      Tensor value = attention.split(flatValue, shape.nHeads());
      if (past != null) {
        key = g.concat(2, past.key(), key);
        value = g.concat(2, past.value(), value);
      }
      Tensor scaled = g.node(Op.MUL, query, scope.narrow(g.scalar(scale(layer))));
      Tensor z =
          hooks.hook(
              HookPoint.HEAD_OUTPUT, layer, attention.attend(scaled, key, value, pass.mask()));
      Tensor attentionOutput =
          hooks.hook(HookPoint.ATTENTION_OUTPUT, layer, matrix(z, layer, "attn.c_proj"));
      Tensor middle = g.node(Op.ADD, residual, attentionOutput);

      // feed-forward over [batch * pos, d_mlp]
      Tensor hidden = matrix(norm(middle, layer, "ln_2"), layer, "mlp.c_fc");
      Tensor active = scope.activation(config.activation(), hidden);
      Tensor mlpOutput =
          hooks.hook(HookPoint.MLP_OUTPUT, layer, matrix(active, layer, "mlp.c_proj"));
      Tensor output = g.node(Op.ADD, middle, mlpOutput);
      return new Result(
          hooks.hook(HookPoint.RESIDUAL_POST, layer, output), new KeyValue(key, value));
    }

    @Override
    public Tensor logits(Tensor residual) {
      Tensor normed = scope.layerNorm(residual, Gpt2Config.FINAL_NORM, config.layerNormEps());
      String output = config.tiedEmbeddings() ? Gpt2Config.EMBEDDING : Gpt2Config.OUTPUT;
      return scope.linear(normed, scope.weights().matrix(output), null);
    }

    private double scale(int layer) {
      double scale = config.scaled() ? 1 / Math.sqrt(config.shape().dHead()) : 1;
      return config.scaledByLayer() ? scale / (layer + 1) : scale;
    }

    private Tensor matrix(Tensor x, int layer, String part) {
      return scope.conv1d(x, Gpt2Config.inLayer(layer, part));
    }

    private Tensor norm(Tensor x, int layer, String part) {
      return scope.layerNorm(x, Gpt2Config.inLayer(layer, part), config.layerNormEps());
    }
  }
}
