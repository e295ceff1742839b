package steersweep.architecture;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.LlamaConfig;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Llama and its relatives: RMSNorm before each part, rotary embedding, grouped-query attention,
 * SwiGLU. Follows transformers' {@code modeling_llama}, {@code _mistral}, {@code _qwen2} and {@code
 * _qwen3}.
 */
record Llama(LlamaConfig config) implements Architecture {
  @Override
  public String name() {
    return "llama";
  }

  @Override
  public ModelShape shape() {
    return config.shape();
  }

  @Override
  public Map<String, List<Long>> tensors() {
    return new LlamaTensors(config).expected();
  }

  @Override
  public Set<String> lookedUp() {
    return config.tiedEmbeddings() ? Set.of() : Set.of(LlamaTensors.EMBEDDING);
  }

  /**
   * Old checkpoints carry the rotary frequencies, and tied ones sometimes the output layer a second
   * time.
   */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith("rotary_emb.inv_freq")
        || (config.tiedEmbeddings() && tensor.equals(LlamaTensors.OUTPUT));
  }

  @Override
  public Block block(Scope scope) {
    return new LlamaBlock(config, scope, scope.graph());
  }

  /** The forward pass. */
  private record LlamaBlock(LlamaConfig config, Scope scope, GraphBuilder g) implements Block {
    @Override
    public Tensor embed(Tensor tokens, Tensor positions) {
      return scope.rows(LlamaTensors.EMBEDDING, tokens, config.shape().dModel());
    }

    @Override
    public Result layer(
        int layer, Tensor residual, @Nullable KeyValue past, Pass pass, Hooks hooks) {
      ModelShape shape = config.shape();
      Attention attention =
          new Attention(scope, pass, shape.nHeads(), shape.nKvHeads(), shape.dHead());

      // attention: [batch * pos, d_model] -> q [batch * pos, n_heads * d_head], k and v [batch *
      // pos, n_kv_heads * d_head]
      Tensor normed = norm(residual, layer, "input_layernorm");
      Tensor flatQuery = linear(normed, layer, "self_attn.q_proj");
      Tensor flatKey = linear(normed, layer, "self_attn.k_proj");
      Tensor flatValue =
          hooks.hook(HookPoint.VALUE, layer, linear(normed, layer, "self_attn.v_proj"));

      // [batch, heads, pos, d_head]
      Tensor query = attention.split(flatQuery, shape.nHeads());
      Tensor key = attention.split(flatKey, shape.nKvHeads());
      Tensor value = attention.split(flatValue, shape.nKvHeads());
      if (config.extras().queryKeyNorm()) {
        query = norm(query, layer, "self_attn.q_norm");
        key = norm(key, layer, "self_attn.k_norm");
      }
      query = rotate(query, pass);
      key = rotate(key, pass);
      if (past != null) {
        key = g.concat(2, past.key(), key);
        value = g.concat(2, past.value(), value);
      }
      Tensor scale = scope.narrow(g.scalar(1 / Math.sqrt(shape.dHead())));
      Tensor z = attention.attend(g.node(Op.MUL, query, scale), key, value);
      z = hooks.hook(HookPoint.HEAD_OUTPUT, layer, z);
      Tensor attentionOutput = linear(z, layer, "self_attn.o_proj");
      attentionOutput = hooks.hook(HookPoint.ATTENTION_OUTPUT, layer, attentionOutput);
      Tensor middle = g.node(Op.ADD, residual, attentionOutput);

      // feed-forward: SwiGLU over [batch * pos, d_mlp]
      Tensor middleNormed = norm(middle, layer, "post_attention_layernorm");
      Tensor gate = linear(middleNormed, layer, "mlp.gate_proj");
      Tensor up = linear(middleNormed, layer, "mlp.up_proj");
      Tensor silu = g.node(Op.MUL, gate, g.node(Op.SIGMOID, gate));
      Tensor mlpOutput = linear(g.node(Op.MUL, silu, up), layer, "mlp.down_proj");
      mlpOutput = hooks.hook(HookPoint.MLP_OUTPUT, layer, mlpOutput);
      Tensor output = g.node(Op.ADD, middle, mlpOutput);
      return new Result(
          hooks.hook(HookPoint.RESIDUAL_POST, layer, output), new KeyValue(key, value));
    }

    @Override
    public Tensor logits(Tensor residual) {
      Tensor normed = scope.rmsNorm(residual, LlamaTensors.FINAL_NORM, config.rmsNormEps());
      String output = config.tiedEmbeddings() ? LlamaTensors.EMBEDDING : LlamaTensors.OUTPUT;
      return scope.linear(normed, scope.weights().matrix(output), null);
    }

    /** Rotary cosines and sines, computed rather than tabled: [batch, 1, pos, d_head / 2] each. */
    @Override
    public List<Tensor> positional(Tensor positions) {
      Tensor column = g.unsqueeze(g.cast(positions, ElementType.FLOAT), 2);
      Tensor frequencies = g.floats(config.rope().frequencies(config.shape().dHead()));
      Tensor angles = g.unsqueeze(g.node(Op.MUL, column, frequencies), 1);
      return List.of(scope.narrow(g.node(Op.COS, angles)), scope.narrow(g.node(Op.SIN, angles)));
    }

    /**
     * Rotary embedding of [batch, heads, pos, d_head], first half paired with second half as
     * transformers does.
     */
    private Tensor rotate(Tensor x, Pass pass) {
      Tensor cos = pass.positional().get(0);
      Tensor sin = pass.positional().get(1);
      List<Tensor> halves = g.halves(x);
      Tensor first = halves.get(0);
      Tensor second = halves.get(1);
      Tensor rotatedFirst = g.node(Op.SUB, g.node(Op.MUL, first, cos), g.node(Op.MUL, second, sin));
      Tensor rotatedSecond =
          g.node(Op.ADD, g.node(Op.MUL, second, cos), g.node(Op.MUL, first, sin));
      return g.concat(-1, rotatedFirst, rotatedSecond);
    }

    private Tensor linear(Tensor x, int layer, String part) {
      return scope.linear(x, LlamaTensors.inLayer(layer, part));
    }

    private Tensor norm(Tensor x, int layer, String part) {
      return scope.rmsNorm(x, LlamaTensors.inLayer(layer, part), config.rmsNormEps());
    }
  }
}
