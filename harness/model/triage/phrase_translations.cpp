// What strerror(3) says in other languages: glibc's own translations, ASCII in lower case (a line
// is searched so; other letters stay as glibc writes them).
#include <array>

#include "harness/model/triage/phrase_table.hpp"

namespace halfopen {
namespace {

using Kind = ClueKind;

constexpr std::array kTranslations{
    // German
    Phrase{Kind::kBrokenPipe, "datenübergabe unterbrochen (broken pipe)"},
    Phrase{Kind::kReset, "die verbindung wurde vom kommunikationspartner zurückgesetzt"},
    Phrase{Kind::kTimedOut, "die wartezeit für die verbindung ist abgelaufen"},
    Phrase{Kind::kRefused, "verbindungsaufbau abgelehnt"},
    Phrase{Kind::kUnreachable, "keine route zum zielrechner"},
    // French
    Phrase{Kind::kBrokenPipe, "relais brisé (pipe)"},
    Phrase{Kind::kReset, "connexion ré-initialisée par le correspondant"},
    Phrase{Kind::kTimedOut, "connexion terminée par expiration du délai d'attente"},
    Phrase{Kind::kRefused, "connexion refusée"},
    Phrase{Kind::kUnreachable, "aucun chemin d'accès pour atteindre l'hôte cible"},
    // Spanish
    Phrase{Kind::kBrokenPipe, "tubería rota"},
    Phrase{Kind::kReset, "conexión reinicializada por la máquina remota"},
    Phrase{Kind::kTimedOut, "expiró el tiempo de conexión"},
    Phrase{Kind::kRefused, "conexión rehusada"},
    Phrase{Kind::kUnreachable, "no existe ninguna ruta hasta el `host'"},
    // Italian
    Phrase{Kind::kBrokenPipe, "pipe interrotta"},
    Phrase{Kind::kReset, "connessione interrotta dal corrispondente"},
    Phrase{Kind::kTimedOut, "connessione scaduta"},
    Phrase{Kind::kRefused, "connessione rifiutata"},
    Phrase{Kind::kUnreachable, "nessun instradamento per l'host"},
    // Portuguese of Brazil
    Phrase{Kind::kBrokenPipe, "pipe quebrado"},
    Phrase{Kind::kReset, "conexão fechada pela outra ponta"},
    Phrase{Kind::kTimedOut, "tempo esgotado para conexão"},
    Phrase{Kind::kRefused, "conexão recusada"},
    Phrase{Kind::kUnreachable, "não há rota para o host"},
    // Dutch
    Phrase{Kind::kBrokenPipe, "gebroken pijp"},
    Phrase{Kind::kReset, "verbinding is weggevallen"},
    Phrase{Kind::kTimedOut, "verbinding is verlopen"},
    Phrase{Kind::kRefused, "verbinding is geweigerd"},
    Phrase{Kind::kUnreachable, "geen route naar host"},
    // Polish
    Phrase{Kind::kBrokenPipe, "przerwany potok"},
    Phrase{Kind::kReset, "połączenie zerwane przez drugą stronę"},
    Phrase{Kind::kTimedOut, "przekroczony czas oczekiwania na połączenie"},
    Phrase{Kind::kRefused, "połączenie odrzucone"},
    Phrase{Kind::kUnreachable, "brak trasy do hosta"},
    // Russian
    Phrase{Kind::kBrokenPipe, "Обрыв канала"},
    Phrase{Kind::kReset, "Соединение разорвано другой стороной"},
    Phrase{Kind::kTimedOut, "Время ожидания соединения истекло"},
    Phrase{Kind::kRefused, "В соединении отказано"},
    Phrase{Kind::kUnreachable, "Нет маршрута до узла"},
    // Japanese
    Phrase{Kind::kReset, "接続が相手からリセットされました"},
    Phrase{Kind::kTimedOut, "接続がタイムアウトしました"},
    Phrase{Kind::kRefused, "接続を拒否されました"},
    Phrase{Kind::kUnreachable, "ホストへの経路がありません"},
    // Chinese
    Phrase{Kind::kBrokenPipe, "断开的管道"},
    Phrase{Kind::kReset, "连接被对方重设"},
    Phrase{Kind::kTimedOut, "连接超时"},
    Phrase{Kind::kRefused, "拒绝连接"},
    Phrase{Kind::kUnreachable, "没有到主机的路由"},
};

}  // namespace

std::span<const Phrase> translated_phrases() {
  return kTranslations;
}

}  // namespace halfopen
