package steersweep.architecture;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.T5Config;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * T5 and FLAN-T5: an encoder, and a decoder that also attends to what the encoder made. RMSNorm
 * before each part, a bias for each distance instead of positions, scores not scaled. Follows
 * transformers' {@code modeling_t5}.
 */
record T5(T5Config config) implements Architecture {
  @Override
  public String name() {
    return "t5";
  }

  @Override
  public ModelShape shape() {
    return config.shape();
  }

  @Override
  public EncoderBlock encoder(Scope scope) {
    return new Encoder(new Stack("encoder", config, scope, scope.graph()));
  }

  @Override
  public Block block(Scope scope) {
    return new Decoder(new Stack("decoder", config, scope, scope.graph()), config, scope);
  }

  /** The stack that reads a text. */
  private record Encoder(Stack stack) implements EncoderBlock {
    @Override
    public List<Tensor> positional(Tensor positions, Tensor mask) {
      return List.of(stack.biased(positions, mask, true));
    }

    @Override
    public Tensor embed(Tensor tokens) {
      return stack.embed(tokens);
    }

    @Override
    public Tensor layer(int layer, Tensor residual, Pass pass, Hooks hooks) {
      GraphBuilder g = stack.g;
      Attention attention = stack.attention(pass);
      Tensor normed = stack.norm(residual, layer, 0);
      Tensor key = stack.linear(normed, layer, 0, "SelfAttention.k");
      Tensor value =
          hooks.hook(
              HookPoint.ENCODER_VALUE, layer, stack.linear(normed, layer, 0, "SelfAttention.v"));
      Tensor z =
          attention.attend(
              stack.query(attention, normed, layer, 0, "SelfAttention.q"),
              attention.split(key, attention.nHeads()),
              attention.split(value, attention.nHeads()),
              pass.positional().get(0));
      z = hooks.hook(HookPoint.ENCODER_HEAD_OUTPUT, layer, z);
      Tensor output = stack.linear(z, layer, 0, "SelfAttention.o");
      output = hooks.hook(HookPoint.ENCODER_ATTENTION_OUTPUT, layer, output);
      Tensor middle = g.node(Op.ADD, residual, output);
      Tensor mlpOutput =
          hooks.hook(HookPoint.ENCODER_MLP_OUTPUT, layer, stack.feedForward(middle, layer, 1));
      return hooks.hook(HookPoint.ENCODER_RESIDUAL_POST, layer, g.node(Op.ADD, middle, mlpOutput));
    }

    @Override
    public Tensor encoded(Tensor residual) {
      return stack.finalNorm(residual);
    }
  }

  /** The stack that makes tokens. */
  private record Decoder(Stack stack, T5Config config, Scope scope) implements Block {
    @Override
    public List<Tensor> positional(Tensor positions, Tensor mask) {
      return List.of(stack.biased(positions, mask, false));
    }

    @Override
    public Tensor embed(Tensor tokens, Tensor positions) {
      return stack.embed(tokens);
    }

    @Override
    public Result layer(
        int layer, Tensor residual, @Nullable KeyValue past, Pass pass, Hooks hooks) {
      GraphBuilder g = stack.g;
      Attention attention = stack.attention(pass);

      // attention among the decoder's own tokens: [batch * pos, d_model] -> [batch, heads, pos,
      // d_head]
      Tensor normed = stack.norm(residual, layer, 0);
      Tensor key =
          attention.split(stack.linear(normed, layer, 0, "SelfAttention.k"), attention.nHeads());
      Tensor flatValue = stack.linear(normed, layer, 0, "SelfAttention.v");
      Tensor value =
          attention.split(hooks.hook(HookPoint.VALUE, layer, flatValue), attention.nHeads());
      if (past != null) {
        key = g.concat(2, past.key(), key);
        value = g.concat(2, past.value(), value);
      }
      Tensor query = stack.query(attention, normed, layer, 0, "SelfAttention.q");
      Tensor z = attention.attend(query, key, value, pass.positional().get(0));
      z = hooks.hook(HookPoint.HEAD_OUTPUT, layer, z);
      Tensor ownOutput = stack.linear(z, layer, 0, "SelfAttention.o");
      ownOutput = hooks.hook(HookPoint.ATTENTION_OUTPUT, layer, ownOutput);
      Tensor own = g.node(Op.ADD, residual, ownOutput);

      // attention to what the encoder made, every token of it as near as every other
      Source source = Objects.requireNonNull(pass.source());
      KeyValue cross = source.cross(layer);
      if (cross == null) {
        cross = cross(layer, source, hooks);
      }
      Tensor crossQuery =
          stack.query(attention, stack.norm(own, layer, 1), layer, 1, "EncDecAttention.q");
      Tensor crossZ = attention.attend(crossQuery, cross.key(), cross.value(), source.mask());
      Tensor crossOutput = stack.linear(crossZ, layer, 1, "EncDecAttention.o");
      crossOutput = hooks.hook(HookPoint.CROSS_ATTENTION_OUTPUT, layer, crossOutput);
      Tensor middle = g.node(Op.ADD, own, crossOutput);

      Tensor mlpOutput =
          hooks.hook(HookPoint.MLP_OUTPUT, layer, stack.feedForward(middle, layer, 2));
      Tensor output = hooks.hook(HookPoint.RESIDUAL_POST, layer, g.node(Op.ADD, middle, mlpOutput));
      return new Result(output, new KeyValue(key, value), cross);
    }

    /** Keys and values of the encoder's text, the same for every token that is made. */
    private KeyValue cross(int layer, Source source, Hooks hooks) {
      Tensor encoded = source.encoded();
      Tensor key = stack.linear(encoded, layer, 1, "EncDecAttention.k");
      Tensor value = stack.linear(encoded, layer, 1, "EncDecAttention.v");
      value = hooks.hook(HookPoint.CROSS_VALUE, layer, value);
      Attention attention = stack.attention(source.pass());
      return new KeyValue(
          attention.split(key, attention.nHeads()), attention.split(value, attention.nHeads()));
    }

    @Override
    public Tensor logits(Tensor residual) {
      Tensor normed = stack.finalNorm(residual);
      if (config.scaledOutput()) {
        double scale = 1 / Math.sqrt(config.shape().dModel());
        normed = stack.g.node(Op.MUL, normed, scope.narrow(stack.g.scalar(scale)));
      }
      String output = config.ownOutput() ? T5Config.OUTPUT : T5Config.EMBEDDING;
      return scope.linear(normed, scope.weights().matrix(output), null);
    }
  }

  /** What both stacks do alike. */
  private record Stack(String name, T5Config config, Scope scope, GraphBuilder g) {
    Tensor embed(Tensor tokens) {
      return scope.rows(T5Config.EMBEDDING, tokens, config.shape().dModel());
    }

    Attention attention(Pass pass) {
      ModelShape shape = config.shape();
      return new Attention(scope, pass, shape.nHeads(), shape.nHeads(), shape.dHead());
    }

    Tensor query(Attention attention, Tensor normed, int layer, int part, String weight) {
      return attention.split(linear(normed, layer, part, weight), attention.nHeads());
    }

    /** Over [batch * pos, d_mlp]. */
    Tensor feedForward(Tensor residual, int layer, int part) {
      Tensor normed = norm(residual, layer, part);
      String in = config.gated() ? "DenseReluDense.wi_0" : "DenseReluDense.wi";
      Tensor hidden = scope.activation(config.activation(), linear(normed, layer, part, in));
      if (config.gated()) {
        hidden = g.node(Op.MUL, hidden, linear(normed, layer, part, "DenseReluDense.wi_1"));
      }
      return linear(hidden, layer, part, "DenseReluDense.wo");
    }

    /**
     * What is added to attention scores, [batch, heads, pos, key_pos]: the mask, and the bias of
     * each distance between key and query.
     *
     * @param positions of the queries, int64 [batch, pos]
     * @param mask [batch, 1, pos or 1, key_pos]; its last row shows which keys there are
     * @param both whether a query sees keys on both sides
     */
    Tensor biased(Tensor positions, Tensor mask, boolean both) {
      Tensor last = g.slice(mask, 2, -1, Integer.MAX_VALUE);
      Tensor seen = g.cast(g.node(Op.GREATER_OR_EQUAL, last, g.scalar(-1.0)), ElementType.INT64);
      Tensor keys =
          g.node(Op.SUB, g.node(Op.CUM_SUM, seen, g.scalar(3)), g.scalar(1)); // [batch, 1, 1, key]
      Tensor queries = g.node(Op.UNSQUEEZE, positions, g.ints(1, 3)); // [batch, 1, pos, 1]
      Tensor distance = g.node(Op.SUB, keys, queries);
      long farthest = config.farthest();
      Tensor notBefore = g.node(Op.MAX, distance, g.scalar(-farthest));
      Tensor negated = g.node(Op.SUB, g.scalar(0), notBefore);
      Tensor within = g.node(Op.MAX, negated, g.scalar(-farthest)); // farthest..-farthest
      Tensor index = g.node(Op.SUB, g.scalar(farthest), within); // 0..2 * farthest
      Tensor bucket = g.gather(g.ints(config.bucketsOfDistances(both)), index, 0);
      Tensor bias = g.gather(scope.weights().stored(T5Config.bias(name)), bucket, 0);
      Tensor ofHeads = g.transpose(g.node(Op.SQUEEZE, bias, g.ints(1)), 0, 3, 1, 2);
      return g.node(Op.ADD, scope.wide(ofHeads), mask);
    }

    Tensor linear(Tensor x, int layer, int part, String weight) {
      return scope.linear(x, T5Config.inLayer(name, layer, part, weight));
    }

    Tensor norm(Tensor x, int layer, int part) {
      String weight = T5Config.inLayer(name, layer, part, "layer_norm");
      return scope.rmsNorm(x, weight, config.layerNormEps());
    }

    Tensor finalNorm(Tensor x) {
      return scope.rmsNorm(x, name + ".final_layer_norm", config.layerNormEps());
    }
  }
}
