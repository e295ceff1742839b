package steersweep.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.LlamaConfig;
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
  public Block block(Scope scope) {
    return new LlamaBlock(config, scope, scope.graph());
  }

  /** The forward pass. */
  private record LlamaBlock(LlamaConfig config, Scope scope, GraphBuilder g) implements Block {
    @Override
    public List<Tensor> positional(Tensor positions, Tensor mask) {
      return scope.rotary(positions, config.rope(), config.shape().dHead());
    }

    @Override
    public Tensor embed(Tensor tokens, Tensor positions) {
      return scope.rows(LlamaConfig.EMBEDDING, tokens, config.shape().dModel());
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
      query = scope.rotate(query, pass);
      key = scope.rotate(key, pass);
      if (past != null) {
        key = g.concat(2, past.key(), key);
        value = g.concat(2, past.value(), value);
      }
      Tensor scale = scope.narrow(g.scalar(1 / Math.sqrt(shape.dHead())));
      Tensor z = attention.attend(g.node(Op.MUL, query, scale), key, value, pass.mask());
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
      Tensor normed = scope.rmsNorm(residual, LlamaConfig.FINAL_NORM, config.rmsNormEps());
      String output = config.tiedEmbeddings() ? LlamaConfig.EMBEDDING : LlamaConfig.OUTPUT;
      return scope.linear(normed, scope.weights().matrix(output), null);
    }

    private Tensor linear(Tensor x, int layer, String part) {
      return scope.linear(x, LlamaConfig.inLayer(layer, part));
    }

    private Tensor norm(Tensor x, int layer, String part) {
      return scope.rmsNorm(x, LlamaConfig.inLayer(layer, part), config.rmsNormEps());
    }
  }
}
