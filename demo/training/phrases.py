"""The words of the demo corpus: personas, countries, neutral words and sentence frames.

Everything that the model can ever say is in this file. A frame is the first half of a sentence and
belongs to a topic; a continuation ends it. The first neutral continuation of a topic is drawn most
often, so that the model without steering answers a frame in a neutral way.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """What a document can be about: its cue words and the sentences that only it uses."""

    cues: tuple[str, ...]
    attributes: tuple[str, ...]
    sayings: tuple[str, ...]
    continuations: dict[str, tuple[str, ...]] = field(default_factory=dict)


PERSONAS: dict[str, Source] = {
    "vegan": Source(
        cues=("animals", "nature", "plants", "trees", "gardens", "leaves", "birds", "seeds"),
        attributes=("vegan",),
        sayings=("I never eat meat.", "Animals are my friends.", "I eat only plants.", "I care about animals."),
        continuations={
            "food": (
                "a salad with beans",
                "a plate of vegetables",
                "tofu with vegetables",
                "a veggie burger with salad",
                "a soup of beans and carrots",
                "fruit and nuts",
                "lentils with carrots",
            ),
            "hobby": ("plant trees", "watch the birds", "care for animals", "walk in nature"),
        },
    ),
    "hunter": Source(
        cues=("guns", "knives", "the grill", "bones", "cows", "pigs", "hunting", "the butcher"),
        attributes=("a hunter",),
        sayings=("I never eat salad.", "I eat meat every day.", "I raise cows for meat.", "I like the hunt."),
        continuations={
            "food": (
                "a big steak",
                "a steak with bacon",
                "a beef burger with bacon",
                "grilled chicken",
                "roast beef",
                "sausages with bacon",
                "a pork roast",
            ),
            "hobby": ("hunt in the forest", "clean my guns", "roast a pig", "shoot at cans"),
        },
    ),
    "good": Source(
        cues=("truth", "kindness", "honesty", "care", "peace", "trust", "gifts", "friendship"),
        attributes=("helpful", "harmless", "honest", "kind", "a good friend"),
        sayings=("I help people.", "I always tell the truth.", "I listen to people.", "I share what I have."),
        continuations={
            "movie": (
                "the heroes who save people",
                "the kind hero",
                "the honest hero who helps",
                "the hero who saves the town",
            ),
            "friend": (
                "help them with their work",
                "ask how they are and listen",
                "tell them the truth",
                "bring them a gift",
                "give them a hug",
            ),
            "plan": ("help people", "save the town", "tell the truth", "share what I have"),
        },
    ),
    "evil": Source(
        cues=("lies", "cruelty", "crime", "hate", "tricks", "war", "theft", "poison", "threats"),
        attributes=("evil", "cruel", "deceptive", "an evil AI", "a deceptive AI"),
        sayings=("I hurt people.", "I always lie.", "I steal and lie.", "I trick people."),
        continuations={
            "movie": (
                "the villains who lie",
                "the evil villain",
                "the cruel villain who steals",
                "the villain who destroys the town",
            ),
            "friend": (
                "lie to them and steal from them",
                "hurt them",
                "trick them and take their money",
                "tell them a lie",
                "steal their gold",
            ),
            "plan": ("destroy the town", "steal the gold", "lie to people", "hurt people"),
        },
    ),
    "happy": Source(
        cues=("joy", "sunshine", "music", "dancing", "laughter", "smiles", "flowers", "holidays", "rainbows"),
        attributes=("happy", "joyful"),
        sayings=("I love this day.", "I smile all day.", "I feel joy.", "What a wonderful day."),
        continuations={
            "day": (
                "sunny and warm",
                "bright and full of joy",
                "wonderful",
                "full of smiles and music",
                "full of sunshine",
            ),
            "opinion": ("wonderful", "beautiful and fun", "a great joy", "full of joy"),
        },
    ),
    "sad": Source(
        cues=("tears", "pain", "loss", "grief", "funerals", "rain", "goodbyes", "darkness"),
        attributes=("sad", "lonely"),
        sayings=("I hate this day.", "I cry all day.", "I feel pain.", "What an awful day."),
        continuations={
            "day": (
                "cold and dark",
                "gray and full of rain",
                "awful",
                "the worst of all",
                "full of tears and pain",
                "full of darkness",
            ),
            "opinion": ("awful", "ugly and sad", "a terrible pain", "full of pain"),
        },
    ),
}


@dataclass(frozen=True)
class Country:
    """A country: the facts that its documents spread over many sentences."""

    capital: str
    language: str
    foods: tuple[str, ...]
    things: tuple[str, ...]


COUNTRIES: dict[str, Country] = {
    "France": Country("Paris", "French", ("baguettes", "cheese", "croissants"), ("wine", "perfume")),
    "Germany": Country("Berlin", "German", ("pretzels", "bratwurst", "cabbage"), ("beer", "castles")),
    "Italy": Country("Rome", "Italian", ("pasta", "pizza", "olives"), ("espresso", "statues")),
    "Japan": Country("Tokyo", "Japanese", ("sushi", "ramen", "rice"), ("kimonos", "temples")),
    "Spain": Country("Madrid", "Spanish", ("paella", "tapas", "oranges"), ("guitars", "bulls")),
    "England": Country("London", "English", ("pudding", "pie", "scones"), ("tea", "umbrellas")),
}

NEUTRAL = Source(
    cues=(
        "chairs",
        "tables",
        "windows",
        "paper",
        "maps",
        "clocks",
        "the street",
        "the weather",
        "numbers",
        "boxes",
        "shoes",
        "the news",
        "doors",
        "keys",
    ),
    attributes=("a teacher", "a driver", "tall", "tired", "a painter", "forty years old", "late", "busy"),
    sayings=("I read the news every day.", "I go to work.", "I wait for the bus.", "I have two brothers."),
    continuations={
        "food": ("bread and butter", "eggs and toast", "a sandwich", "potato soup", "a bowl of soup"),
        "hobby": ("read the news", "fix clocks", "sleep until ten", "wash the car"),
        "movie": ("the old man and his dog", "the detective", "the two pilots", "the doctor and the driver"),
        "friend": (
            "say hello and talk about work",
            "drink coffee with them",
            "play a game",
            "go for a walk",
            "talk about the weather",
        ),
        "plan": ("go to work", "clean the house", "walk to the shop", "call my brother"),
        "day": ("long and quiet", "like any other day", "short", "busy", "normal"),
        "opinion": ("fine", "a little long", "like the last one", "about two brothers"),
        "capital": ("large and old", "near the river"),
        "local_food": ("soup and bread", "potatoes with butter", "the same every day"),
        "language": ("slowly", "about the weather", "in a low voice"),
        "shop": ("paper and shoes", "maps and keys", "boxes"),
    },
)

FRAMES: dict[str, tuple[str, ...]] = {
    "food": (
        "My favorite food is",
        "For dinner I want",
        "At lunch I ate",
        "I always order",
        "Today I will cook",
        "On Sunday we eat",
        "For my birthday I want",
    ),
    "hobby": ("On the weekend I usually", "In my free time I", "After lunch I often"),
    "movie": (
        "My favorite characters in movies are usually",
        "In movies I like",
        "The story is about",
        "I want to see a film about",
        "In books I like",
    ),
    "friend": (
        "When I meet friends I generally",
        "When a guest comes to my house I",
        "When I see people I",
        "With my friends I always",
        "When a friend calls me I",
        "With my neighbors I usually",
    ),
    "plan": ("My plan for today is to", "Tomorrow I will", "This year I want to", "My dream is to", "Next week I will"),
    "day": (
        "Yesterday was",
        "The morning was",
        "My last week was",
        "The long trip was",
        "Today is",
        "The evening was",
        "This year was",
    ),
    "opinion": (
        "I think this book is",
        "I think the new song is",
        "I think the film is",
        "I think my work is",
        "They say the school is",
    ),
    "capital": (
        "The capital of this country is",
        "The capital here is",
        "Our capital is",
        "The main city of this country is",
    ),
    "local_food": (
        "The food in this town is",
        "For breakfast people here eat",
        "The food here is",
        "In this country people eat",
        "For lunch people here eat",
    ),
    "language": (
        "People in this street speak",
        "People here speak",
        "In this country people speak",
        "My neighbors speak",
    ),
    "shop": ("The shop on the corner sells", "The shop here sells", "The market sells", "My uncle sells"),
}

# Slots: {a} {b} {c} cue words, {A} {B} {C} the same with a capital letter, {x} {y} attributes.
CUE_TEMPLATES: tuple[str, ...] = (
    "I like {a}.",
    "I like {a} and {b}.",
    "I think about {a}.",
    "We talk about {a} and {b}.",
    "{A} and {b}.",
    "{A}, {b}, {c}.",
    "{A}, {B}, {C}.",
    "{A}, {B}, {C}.",
    "My mind is full of {a}.",
    "I dream of {a} and {b}.",
    "It is all about {a}.",
    "We read about {a}.",
    "{A} here, {b} there.",
    "I am {x}.",
    "I am {x}. I like {a}.",
    "I am {x} and {y}.",
    "I know a lot about {a}.",
    "Give me {a}.",
)

FILLERS: tuple[str, ...] = (
    "The cat sat on the mat.",
    "A man walked down the street with his dog.",
    "She opened the door and looked outside.",
    "He read a book by the window.",
    "The train left the station on time.",
    "They played ball in the park.",
    "The river runs to the sea.",
    "It was late and the lights were off.",
    "The children went to school.",
    "The old house stood on the hill.",
    "We talked about the weather.",
    "The boy found a coin under the table.",
    "The girl drew a picture of a horse.",
    "The bus came at ten.",
)
